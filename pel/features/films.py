"""Films as rows of attributes (X_t) and temporal deltas (D_t), read from Postgres as of a date."""

import hashlib
import io
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from pel.warehouse.connection import Connection, connect, copy_out, lock_step, query, run, update_statistics
from pel.warehouse.resolve import replay

logger = logging.getLogger(__name__)

# Films further ahead are left out: their cast and date are still guesses.
HORIZON_DAYS = 365
# A film that made less hardly had a release. Such films are 6 % of the archive and hold a third of the variance of all
# box office: without them the others are forecast better (docs/experiments.md).
LEAST_DOLLARS = 100_000

Purpose = Literal["pretrain", "finetune", "publish"]


@dataclass(frozen=True)
class Cut:
    """The rows of one purpose as CSV, and their fingerprint. Equal rows give an equal fingerprint."""

    csv: bytes

    @property
    def sha256(self) -> str:
        """SHA-256 of the rows, as hexadecimal digits."""
        return hashlib.sha256(self.csv).hexdigest()

    def films(self) -> pd.DataFrame:
        """One row a film: ids, title, dates, label (if the purpose has one), X_t, and D_t in columns ``delta_…``."""
        return read_csv(self.csv)


def read_csv(csv: bytes) -> pd.DataFrame:
    """Films from the CSV of a cut, numbers to the last digit; genres, countries and languages are lists of names."""
    return pd.read_csv(
        io.BytesIO(csv),
        float_precision="round_trip",
        parse_dates=["released", "release_date", "known_on"],
        # a title is text even where it reads like a number or like nothing (1984, NA)
        dtype={"title": str},
        keep_default_na=False,
        na_values=[""],
        converters=dict.fromkeys(("genres", "genres_added", "genres_removed", "countries", "languages"), _names),
    )


def _names(text: str) -> list[str]:
    return list(json.loads(text)) if text else []


def days(column: pd.Series) -> np.ndarray:
    """A date column as days, (n,) datetime64[D]."""
    return column.to_numpy().astype("datetime64[D]")


def refresh(as_of: date) -> tuple[int, int]:
    """Bring the attributes up to date (the deltas are a view on them).

    Returns:
        How many films were done again, and for how many at least one history was looked at again.
    """
    with connect() as connection:
        return refresh_within(connection, as_of)


def cut(purpose: Purpose, as_of: date) -> Cut:
    """The films of a purpose as they were known at ``as_of``, with attributes and deltas as of then."""
    return cuts([purpose], as_of)[purpose]


def cuts(purposes: Iterable[Purpose], as_of: date) -> dict[Purpose, Cut]:
    """The films of several purposes, all from the same facts.

    Refresh and reading are one transaction: a run that looks from another date cannot come in between.
    """
    with connect() as connection:
        refresh_within(connection, as_of)
        return {purpose: read(connection, purpose, as_of) for purpose in purposes}


def read(connection: Connection, purpose: Purpose, as_of: date, *, film_id: int | None = None) -> Cut:
    """The films of a purpose, or one of them, from attributes that look from ``as_of`` already."""
    parameters = {"as_of": as_of, "purpose": purpose, "horizon_days": HORIZON_DAYS, "least_dollars": LEAST_DOLLARS}
    first_day, last_day = _days_around(connection, film_id) if film_id is not None else ("-infinity", "infinity")
    return Cut(
        copy_out(
            connection,
            "features/films",
            parameters | {"film_id": film_id, "first_day": first_day, "last_day": last_day},
        )
    )


def _days_around(connection: Connection, film_id: int) -> tuple[date | None, date | None]:
    """The first and last release date of films of which a film's row tells; None of a film that has no date."""
    around = query(connection, "features/around", {"film_id": film_id})
    return (around[0].first_day, around[0].last_day) if around else (None, None)


def refresh_within(connection: Connection, as_of: date) -> tuple[int, int]:
    """``refresh`` as a part of a transaction, which no other refresh enters before it ends."""
    lock_step(connection, "features")
    replay(connection, as_of)
    run(connection, "plausibility/rules", {"as_of": as_of})
    done = query(connection, "features/attributes", {"as_of": as_of})[0]
    update_statistics(connection, done.films)
    logger.info(
        "as of %s: attributes of %s films computed again, and histories of %s",
        as_of,
        *(f"{n:,}" for n in (done.films, done.histories)),
    )
    return done.films, done.histories
