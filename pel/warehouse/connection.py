"""Connections to Postgres and the statements of ``sql/``. No other room opens a connection."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, wait_exponential

from pel.settings import PROJECT, Settings

logger = logging.getLogger(__name__)

Connection = psycopg.Connection[Any]

# For statements over a whole catalogue, of which a few run at a time.
SESSION = {
    "timezone": "UTC",
    # A step waits this long for another run of the same step. Longer than any step takes, shorter than a night.
    "lock_timeout": "30min",
    # A statement that hangs ends. With a million films the longest take minutes (docs/scale.md), but a COPY lasts as
    # long as its source is read: TMDB gives a month of releases, some ten thousand films, in minutes.
    "statement_timeout": "2h",
    # A step that hangs between two statements gives up what it holds before those who wait for it give up.
    "idle_in_transaction_session_timeout": "15min",
    # A step that was killed, or is cut off, holds its locks no longer than it takes the server to see that it is gone.
    "client_connection_check_interval": "10s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "6",
    # a million films sort and hash gigabytes; with the default of 4 MB they do so on disk, in many passes
    "work_mem": "128MB",
    "temp_buffers": "64MB",
    # disks of today find a page as fast anywhere; with the default of 4 whole tables were read for a hundred films
    "random_page_cost": "1.1",
    # compiling pays for one long statement; those of a night are many and short
    "jit": "off",
}
# So does this side see that the server is gone; without it, a read from a dead network waits for hours.
KEEPALIVES: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 6,
    "tcp_user_timeout": 90_000,
}
CONNECT_SECONDS = 30
# A server that restarts, or changes over to another machine, is back within a minute.
PATIENCE_SECONDS = 60
# A change of more films than this makes the planner's picture of the tables useless.
MANY_FILMS = 1000


class WarehouseError(Exception):
    """Something about the database that keeps a step from going on; the message says what to do."""


@contextmanager
def connect(url: str | None = None, **session: str) -> Iterator[Connection]:
    """A connection as one transaction: committed at the end, rolled back on an error.

    Without a URL it is the pipeline's own (``PEL_DATABASE_URL``), and a server that does not answer is given a minute:
    nobody sits and waits. What is lost in the middle of a transaction is not repeated here, but by whoever repeats all
    of it, as Airflow does with a task. With a URL a person asked, who hears at once that nothing answers. What is
    given as ``session`` stands above ``SESSION``.

    Statements with parameters may hold several commands, as the files of ``sql/`` do: the client cursor binds on this
    side, with the server's quoting rules.
    """
    settings = SESSION | session
    with _open(url, settings) if url else _open_patiently(_own_url(), settings) as connection:
        yield connection


def _own_url() -> str:
    if url := Settings.from_environment().database_url:
        return url
    raise WarehouseError('PEL_DATABASE_URL is not set; after "pel up", take it from "pel dsn --role pipeline".')


def _open(url: str, settings: Mapping[str, str]) -> Connection:
    return psycopg.connect(
        url,
        cursor_factory=psycopg.ClientCursor,
        row_factory=namedtuple_row,
        connect_timeout=CONNECT_SECONDS,
        application_name="pel",
        options=" ".join(f"-c {name}={value}" for name, value in settings.items()),
        **KEEPALIVES,
    )


def _open_patiently(url: str, settings: Mapping[str, str]) -> Connection:
    attempts = Retrying(
        retry=retry_if_exception_type(psycopg.OperationalError),
        stop=stop_after_delay(PATIENCE_SECONDS),
        wait=wait_exponential(max=5),
        before_sleep=_say_what_is_tried_again,
        reraise=True,
    )
    return attempts(_open, url, settings)


def _say_what_is_tried_again(state: RetryCallState) -> None:
    error = state.outcome and state.outcome.exception()
    logger.warning("the database does not answer; trying again for up to %s s (%s)", PATIENCE_SECONDS, error)


def statement(name: str, **identifiers: str) -> sql.SQL | sql.Composed:
    """The SQL of ``sql/NAME.sql``; given identifiers, its ``{placeholders}`` stand for them, never for data."""
    text = sql.SQL((PROJECT / "sql" / f"{name}.sql").read_text(encoding="utf-8"))
    return text.format(**{key: sql.Identifier(value) for key, value in identifiers.items()}) if identifiers else text


def run(connection: Connection, name: str, parameters: Mapping[str, Any] | None = None, **identifiers: str) -> None:
    """Execute the commands of ``sql/NAME.sql``."""
    connection.execute(statement(name, **identifiers), parameters)


def query(connection: Connection, name: str, parameters: Mapping[str, Any] | None = None) -> list[Any]:
    """The rows that the last command of ``sql/NAME.sql`` returns, as named tuples."""
    cursor = connection.execute(statement(name), parameters)
    while cursor.nextset():
        pass
    return cursor.fetchall()


def copy_out(connection: Connection, name: str, parameters: Mapping[str, Any] | None = None) -> bytes:
    """The rows of the query in ``sql/NAME.sql`` as CSV with a header, by COPY."""
    command = sql.SQL("copy ({}) to stdout (format csv, header)").format(statement(name))
    with connection.cursor().copy(command, parameters) as copy:
        return b"".join(copy)


def rows_as_json(connection: Connection, name: str, parameters: Mapping[str, Any] | None = None) -> str:
    """The rows of the query in ``sql/NAME.sql`` as a JSON array with an object a row."""
    command = sql.SQL("select coalesce(json_agg(answer), '[]')::text from ({}) as answer").format(statement(name))
    rows = connection.execute(command, parameters).fetchall()
    return str(rows[0][0])


def update_statistics(connection: Connection, changed_films: int) -> None:
    """Have the planner look at the tables anew, if so many films changed that it has to."""
    if changed_films > MANY_FILMS:
        connection.execute("select pel.update_statistics()")


def lock_step(connection: Connection, name: str) -> None:
    """Let no other run of the step of this name in until the transaction ends."""
    taken = connection.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"pel {name}"]).fetchone()
    if taken and not taken[0]:
        logger.info("another run is at %s; waiting for it to end", name)
        connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"pel {name}"])
