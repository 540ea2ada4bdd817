"""Take a source's records into the warehouse: COPY to staging, compare, merge. Equal records change nothing."""

import hashlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from pel.sources import Film, Reject, Source
from pel.warehouse.connection import Connection, connect, lock_step, query, run

logger = logging.getLogger(__name__)

# What a film has several of: the table of names, its link table, its key.
NAMES = [
    {"names": "genres", "links": "film_genres", "id": "genre_id"},
    {"names": "companies", "links": "film_companies", "id": "company_id"},
    {"names": "collections", "links": "film_collections", "id": "collection_id"},
    {"names": "countries", "links": "film_countries", "id": "country_id"},
    {"names": "languages", "links": "film_languages", "id": "language_id"},
]
PROGRESS_SECONDS = 5


@dataclass(frozen=True)
class IngestRun:
    """What one ingest run did, in records."""

    ingest_run_id: int
    records_read: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int


def ingest(source: Source, *, settle_days: int) -> IngestRun:
    """Take in everything the source has, in one transaction.

    Figures without a date of observation count as known ``settle_days`` after release. Records that break a rule go
    to ``pel.rejected_records``. If the source cannot be read, its error is raised, the run is marked as failed and
    nothing else has changed.
    """
    with connect() as lock:
        lock_step(lock, f"ingest {source.name}")
        ingest_run_id = _open_run(source)
        try:
            with connect() as connection:
                return _merge(connection, source, ingest_run_id, settle_days)
        except Exception as error:
            _fail_run(ingest_run_id, error)
            raise


def _open_run(source: Source) -> int:
    with connect() as connection:
        opened = query(connection, "ingest/open_run", {"source": source.name, "location": source.location})
        return int(opened[0][0])


def _fail_run(ingest_run_id: int, error: Exception) -> None:
    with connect() as connection:
        connection.execute(
            "update pel.ingest_runs set state = 'failed', finished_at = now(), error = %s where ingest_run_id = %s",
            [f"{type(error).__name__}: {error}".replace("\0", ""), ingest_run_id],
        )


def _merge(connection: Connection, source: Source, ingest_run_id: int, settle_days: int) -> IngestRun:
    run(connection, "ingest/stage")
    records_read = _stage(connection, source, settle_days)
    # A refresh reads the facts in several statements; nothing may change between them. And names are shared by sources.
    lock_step(connection, "features")
    parameters = {"source": source.name, "ingest_run_id": ingest_run_id, "settle_days": settle_days}
    run(connection, "ingest/merge", parameters)
    for identifiers in NAMES:
        run(connection, "ingest/merge_names", None, **identifiers)
    closed = query(connection, "ingest/close_run", {"ingest_run_id": ingest_run_id, "records_read": records_read})
    done = IngestRun(*closed[0])
    logger.info(
        "%s: %s records read; films: %s new, %s changed, %s unchanged; %s records rejected (pel.rejected_records)",
        source.name,
        *(f"{n:,}" for n in (done.records_read, done.inserted, done.updated, done.unchanged, done.rejected)),
    )
    return done


def _stage(connection: Connection, source: Source, settle_days: int) -> int:
    """COPY the records to the staging tables; returns how many there were."""
    rejects: list[Reject] = []
    with connection.cursor().copy("copy staged from stdin") as copy:
        line = 0
        for line, record in _with_progress(source):
            if isinstance(record, Film):
                copy.write_row(_row(line, record, settle_days))
            else:
                rejects.append(record)
    with connection.cursor().copy("copy staged_rejects from stdin") as copy:
        for reject in rejects:
            copy.write_row([reject.reason, reject.raw])
    return line


def _with_progress(source: Source) -> Iterator[tuple[int, Film | Reject]]:
    reported = time.monotonic()
    for line, record in zip(count(1), source.records(), strict=False):
        yield line, record
        if time.monotonic() - reported > PROGRESS_SECONDS:
            reported = time.monotonic()
            logger.info("%s: %s records read", source.name, f"{line:,}")


def _row(line: int, film: Film, settle_days: int) -> list[object]:
    record = film.model_dump_json()
    # another settling time makes another record, for it moves the day from which its figures may be used
    fingerprint = hashlib.sha256(f"{settle_days} {record}".encode()).hexdigest()
    return [line, film.key, fingerprint, record]
