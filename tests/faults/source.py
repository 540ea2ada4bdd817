"""The demo's films up to 1986, as a source that has new ones for the cycle that is broken."""

import shutil
import sqlite3
from datetime import date
from pathlib import Path

from pel.sources import make_source
from pel.sources.wikidata import WikidataSource
from pel.warehouse.ingest import ingest
from pel.warehouse.resolve import resolve
from tests.conftest import SETTLE_DAYS

BEFORE, AS_OF = date(1985, 1, 1), date(1986, 1, 1)
# What comes out later is not in the source; what comes out from BEFORE's horizon on arrives with the broken cycle.
LAST_RELEASE, ARRIVES = "1987-01-01", "1986-01-02"


class Source:
    """A file of films, at first without those that arrive with the broken cycle.

    Args:
        path: Where the file is made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copy(WikidataSource().location, path)
        self._delete_films(f"Released >= '{LAST_RELEASE}' or Released is null")
        self._whole = path.read_bytes()
        self._delete_films(f"Released >= '{ARRIVES}'")

    def let_arrive(self) -> None:
        """From now on it has all its films."""
        self.path.write_bytes(self._whole)

    def take_in(self) -> None:
        """Bring what it has to the facts."""
        ingest(make_source("wikidata", str(self.path)), settle_days=SETTLE_DAYS)
        resolve(settle_days=SETTLE_DAYS)

    def _delete_films(self, condition: str) -> None:
        database = sqlite3.connect(self.path)
        database.execute(f"delete from omdb where {condition}")
        database.commit()
        database.close()
