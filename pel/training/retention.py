"""Which model files are kept, and the removal of the others. Rows stay: lineage, decisions and predictions are forever.

The files of a model are kept while it is younger than ``KEEP_DAYS``, counted from its as_of to that of the look, and
longer than that

- if it is one of the last ``KEEP_CHAMPIONS`` champions: the one that publishes now, and those to roll back to;
- if its forecasts are what users see, for the newest as_of or for any within ``KEEP_DAYS``;
- if it is the newest pre-trained model, from which the next fine-tuning starts;
- if it waits for a person's approval.

Files that belong to no model go once nobody has touched them for ``LEFTOVER_DAYS``: of runs and replays that never came
to their end, and of writes that were cut short.
"""

import logging
from datetime import UTC, date, datetime, timedelta

from pel.training.artifacts import REPLAYS, UNFINISHED, all_artifacts, artifacts_of
from pel.training.thresholds import KEEP_CHAMPIONS, KEEP_DAYS, LEFTOVER_DAYS
from pel.warehouse.connection import connect, lock_step, query

logger = logging.getLogger(__name__)

# The folder may be a bucket that holds other things too.
OURS = ("pretrained-", "finetuned-")


def remove_artifacts(as_of: date, *, keep_days: int = KEEP_DAYS) -> int:
    """Remove what the rule does not keep, as of that date; returns how many bytes that were.

    A model is marked first and its files go afterwards: what is not marked is whole, and the next removal ends one that
    was cut short.
    """
    with connect() as connection:
        lock_step(connection, "register")
        query(connection, "models/retire", {"as_of": as_of, "keep_days": keep_days, "keep_champions": KEEP_CHAMPIONS})
    with connect() as connection:
        removed_at = dict(query(connection, "models/removed"))
    unfinished = datetime.now(UTC) - timedelta(days=LEFTOVER_DAYS)
    removed = 0
    for version in _versions():
        if version in removed_at and removed_at[version] is None:
            removed += _remove(version, unfinished, only=UNFINISHED)
        else:
            removed += _remove(version, removed_at.get(version) or unfinished)
    logger.info("as of %s: %s bytes of model files removed", as_of, f"{removed:,}")
    return removed


def _versions() -> list[str]:
    """Models of which there are files, those of replays too, which belong to no row."""
    replays = [f"{REPLAYS}/{name}" for name in (all_artifacts() / REPLAYS).names()]
    return [name for name in all_artifacts().names() if name.startswith(OURS)] + replays


def _remove(version: str, untouched_since: datetime, *, only: str = "") -> int:
    """Remove a version's files, unless one was written since; or only those of an ending. Returns their bytes."""
    folder = artifacts_of(version)
    files = folder.files()
    old = {path: file.bytes for path, file in files.items() if file.changed < untouched_since and path.endswith(only)}
    if not old or not (only or len(old) == len(files)):
        return 0
    folder.remove(list(old) if only else None)
    logger.info("removed of %s: %s files, %s bytes", version, len(old), f"{sum(old.values()):,}")
    return sum(old.values())
