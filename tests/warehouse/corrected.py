"""Corrections as a file, taken in."""

import csv
from pathlib import Path

from pel.sources.corrections import COLUMNS, CorrectionsSource
from pel.warehouse.ingest import IngestRun, ingest
from pel.warehouse.resolve import resolve


def correct(folder: Path, *lines: tuple[str, str, str, str], settle_days: int = 180) -> IngestRun:
    """Make these lines (film, field, value, reason) the whole corrections file, and take it in."""
    file = folder / "corrections.csv"
    with file.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([COLUMNS, *lines])
    done = ingest(CorrectionsSource(str(file)), settle_days=settle_days)
    resolve(settle_days=settle_days)
    return done
