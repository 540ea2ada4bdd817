"""A source that delivers something else than it should."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pel.sources import SourceError, make_source
from pel.sources.wikidata import WikidataSource
from pel.warehouse.ingest import ingest
from pel.warehouse.resolve import resolve
from tests.chain import AS_OF
from tests.conftest import SETTLE_DAYS, Trained
from tests.faults.conftest import Keep
from tests.faults.rows import rows_of

SHOWN = "select film_id, as_of, predicted_dollars from upcoming_predictions order by film_id"
ARRIVED = "2013-01-01"  # what was released later is not in the file of yesterday


def without(file: Path, condition: str) -> None:
    """Take films out of the file."""
    database = sqlite3.connect(file)
    database.execute(f"delete from omdb where {condition}")
    database.commit()
    database.close()


def take_in(file: Path) -> None:
    ingest(make_source("wikidata", str(file)), settle_days=SETTLE_DAYS)
    resolve(settle_days=SETTLE_DAYS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The source's file."""
    copied = tmp_path / "movies.db"
    shutil.copy(WikidataSource().location, copied)
    return copied


BREAK: dict[str, Callable[[Path], object]] = {
    "a file of no bytes": lambda file: file.write_bytes(b""),
    "half a file": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
}


@pytest.mark.parametrize("what", BREAK)
def test_the_source_delivers(trained: Trained, file: Path, keep: Keep, what: str) -> None:
    shown, before = trained.warehouse.rows(SHOWN, role="pel_reader"), rows_of(trained.warehouse.rows)
    BREAK[what](file)
    with pytest.raises(SourceError, match="is not the Wikidata extract"):
        take_in(file)
    resolve(settle_days=SETTLE_DAYS)
    assert trained.warehouse.rows(SHOWN, role="pel_reader") == shown
    keep(
        f"the source delivers {what}",
        "`ingest` is red at once and nothing of it is taken in; facts and forecasts stay",
        difference=rows_of(trained.warehouse.rows).compared_with(before),
    )


SHRINK = {"a file without films": "true", "a file of a fifth of the films": "ID % 5 <> 0"}


@pytest.mark.faults
@pytest.mark.parametrize("what", SHRINK)
def test_the_source_delivers_too_little(trained: Trained, file: Path, run_dags, keep: Keep, what: str) -> None:
    take_in(file)
    shown, before = trained.warehouse.rows(SHOWN, role="pel_reader"), rows_of(trained.warehouse.rows)
    without(file, SHRINK[what])
    form = {"source": "wikidata", "location": str(file), "as_of": AS_OF.isoformat()}
    tasks, _ = run_dags(trained.warehouse, "ingest_releases", **form)
    assert tasks["ingest_releases"]["check_runs"] == ["failed"]
    assert tasks["ingest_releases"]["announce"] == ["upstream_failed"]
    assert trained.warehouse.rows(SHOWN, role="pel_reader") == shown
    keep(
        f"the source delivers {what}",
        "`check_runs` is red at once; facts and forecasts stay, and the next whole file is let in",
        difference=rows_of(trained.warehouse.rows).compared_with(before),
    )


def test_the_source_delivers_yesterday_s_file(trained: Trained, file: Path, keep: Keep) -> None:
    before = rows_of(trained.warehouse.rows)
    without(file, f"Released >= '{ARRIVED}'")
    take_in(file)
    keep(
        "the source delivers yesterday's file, without the films that came today",
        "nothing changes: what is there already stays, also what that file does not have",
        difference=rows_of(trained.warehouse.rows).compared_with(before),
    )
