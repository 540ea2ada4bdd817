"""Take a source's records into the warehouse: COPY to staging, compare, identify, keep. Equal records change nothing.

What was taken in waits in ``pel.pending_films`` until :func:`pel.warehouse.resolve.resolve` lets it in among the facts.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pel.sources import Batch, Record, Reject, Source, Withdrawal
from pel.warehouse.connection import Connection, connect, lock_step, query, run
from pel.warehouse.progress import Progress

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class IngestRun:
    """What one ingest run did, in records."""

    ingest_run_id: int
    records_read: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    rejected_by_reason: dict[str, int]


def ingest(source: Source, *, settle_days: int, seen_on: date | None = None) -> IngestRun:
    """Take in everything the source has, one transaction a batch.

    Records that break a rule go to ``pel.rejected_records``. If the source cannot be read, its error is raised, the run
    is marked as failed, and the next run of the same location goes on after the batches that were done.

    Args:
        source: What to read.
        settle_days: Days after release until a figure without a date of observation counts. Another number makes
            another record, for it moves the day from which the figures may be used.
        seen_on: The day on which the source is read; today (UTC) by default.
    """
    with connect() as lock:
        lock.execute("set idle_in_transaction_session_timeout = 0")  # it does nothing else than hold the lock
        lock_step(lock, f"ingest {source.name}")
        ingest_run_id = _open_run(source)
        try:
            done = _finished_batches(source)
            for batch in source.batches():
                if batch.name in done:
                    logger.info("%s: %s was taken in by the run before", source.name, batch.name)
                    continue
                with connect() as connection:
                    _Batch(connection, source, batch, ingest_run_id).take_in(
                        settle_days, seen_on or datetime.now(UTC).date()
                    )
            return _close_run(source, ingest_run_id)
        except Exception as error:
            _fail_run(ingest_run_id, error)
            raise


def _open_run(source: Source) -> int:
    with connect() as connection:
        opened = query(connection, "ingest/open_run", {"source": source.name, "location": source.location})
        return int(opened[0][0])


def _finished_batches(source: Source) -> set[str]:
    with connect() as connection:
        rows = connection.execute(
            "select batch from pel.finished_batches where source = %s and location = %s", [source.name, source.location]
        )
        return {batch for (batch,) in rows}


def _close_run(source: Source, ingest_run_id: int) -> IngestRun:
    parameters = {"source": source.name, "location": source.location, "ingest_run_id": ingest_run_id}
    with connect() as connection:
        run_ = IngestRun(*query(connection, "ingest/close_run", parameters)[0])
    logger.info(
        "%s: %s records read; films: %s new, %s changed, %s unchanged; %s records rejected (pel.rejected_records)%s",
        source.name,
        *(f"{n:,}" for n in (run_.records_read, run_.inserted, run_.updated, run_.unchanged, run_.rejected)),
        "".join(f"\n  {n:,} {reason}" for reason, n in sorted(run_.rejected_by_reason.items())),
    )
    return run_


def _fail_run(ingest_run_id: int, error: Exception) -> None:
    with connect() as connection:
        connection.execute(
            "update pel.ingest_runs set state = 'failed', finished_at = now(), error = %s where ingest_run_id = %s",
            [f"{type(error).__name__}: {error}".replace("\0", ""), ingest_run_id],
        )


class _Batch:
    """One batch on its way in, as one transaction."""

    def __init__(self, connection: Connection, source: Source, batch: Batch, ingest_run_id: int) -> None:
        self._connection = connection
        self._source = source
        self._batch = batch
        self._ingest_run_id = ingest_run_id

    def take_in(self, settle_days: int, seen_on: date) -> None:
        run(self._connection, "ingest/stage")
        progress = Progress(f"{self._source.name} {self._batch.name}", self._batch.fraction)
        records_read = self._stage_records(progress, settle_days)
        self._stage_user_ratings(progress)
        lock_step(self._connection, "identify")  # two sources may bring one new film at once
        source = {"source": self._source.name}
        run(self._connection, "ingest/compare", source | {"complete": self._source.complete})
        run(self._connection, "ingest/identify", source)
        this_run = source | {"ingest_run_id": self._ingest_run_id}
        run(self._connection, "ingest/keep", this_run | {"live": self._source.live, "seen_on": seen_on})
        run(self._connection, "ingest/user_ratings", source)
        batch = {"location": self._source.location, "batch": self._batch.name, "records_read": records_read}
        run(self._connection, "ingest/close_batch", this_run | batch)

    def _stage_records(self, progress: Progress, settle_days: int) -> int:
        """COPY the records to the staging table; returns how many there were."""
        with self._connection.cursor().copy("copy staged from stdin") as copy:
            line = 0
            for line, record in enumerate(progress.of(self._batch.records(), "records"), 1):
                copy.write_row(_row(line, record, settle_days))
        return line

    def _stage_user_ratings(self, progress: Progress) -> None:
        with self._connection.cursor().copy("copy staged_user_ratings from stdin") as copy:
            for rating in progress.of(self._batch.user_ratings(), "user ratings"):
                if isinstance(rating, Reject):
                    copy.write_row([None, None, None, rating.reason, rating.raw])
                else:
                    copy.write_row([*rating, None, None])


def _row(line: int, record: Record, settle_days: int) -> list[Any]:
    if isinstance(record, Reject):
        return [line, None, None, None, record.reason, record.raw]
    if isinstance(record, Withdrawal):
        return [line, record.key, None, None, None, None]
    text = record.as_json()
    fingerprint = hashlib.sha256(f"{settle_days} {text}".encode()).hexdigest()
    return [line, record.key, fingerprint, text, None, None]
