from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from pel.warehouse.connection import WarehouseError, connect, copy_out, lock_step, query, statement
from tests.conftest import Warehouse

GENRES = "select name from pel.genres order by name"
ADD = "insert into pel.genres (name) values (%s)"


def test_a_connection_is_one_transaction(warehouse: Warehouse) -> None:
    with connect() as connection:
        connection.execute(ADD, ["Horror"])
        connection.execute(ADD, ["Drama"])
    assert warehouse.rows(GENRES) == [("Drama",), ("Horror",)]


def test_an_error_takes_everything_back(warehouse: Warehouse) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), connect() as connection:
        connection.execute(f"{ADD}; select 1 / 0", ["Horror"])
    assert warehouse.rows(GENRES) == []


def test_without_an_address_the_error_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PEL_DATABASE_URL", raising=False)
    with pytest.raises(WarehouseError, match="PEL_DATABASE_URL"), connect():
        pass


def test_an_address_that_is_given_is_the_one_used(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PEL_DATABASE_URL")
    with connect(warehouse.url("pel_reader")) as connection:
        assert connection.execute("select current_user").fetchall() == [("pel_reader",)]


def test_days_are_days_in_utc_whatever_the_server_thinks(copy_database: Callable[[str], Warehouse]) -> None:
    warehouse = copy_database("pel")
    warehouse.rows(f"alter database {warehouse.database} set timezone to 'Asia/Tokyo'", role="pel_owner")
    assert warehouse.rows("show timezone") == [("Asia/Tokyo",)]
    with connect(warehouse.url()) as connection:
        assert connection.execute("show timezone").fetchall() == [("UTC",)]


@pytest.mark.parametrize("text", ["'; drop table pel.genres; --", 'a "b" \\ c', "100% %s %(x)s {x}", "ünï 😀\n\t"])
def test_a_parameter_is_data_and_never_sql(warehouse: Warehouse, text: str) -> None:
    with connect() as connection:
        connection.execute(f"{ADD}; {ADD}", [text, "Horror"])  # several commands, as in a file of sql/
    assert sorted(warehouse.rows(GENRES)) == sorted([(text,), ("Horror",)])


def test_a_query_answers_with_the_rows_of_its_last_command(warehouse: Warehouse) -> None:
    with connect() as connection:
        opened = query(connection, "ingest/open_run", {"source": "made up", "location": "memory"})
    assert [row.ingest_run_id for row in opened] == [1]
    assert warehouse.rows("select state from pel.ingest_runs") == [("running",)]


def test_an_identifier_is_quoted(warehouse: Warehouse) -> None:
    with connect() as connection:
        text = statement("resolve/names", names='a"b', links="c d", id="e;f").as_string(connection)
    assert 'insert into pel."a""b" (name)' in text
    assert 'insert into pel."c d" (film_id, "e;f")' in text


def test_copying_out_gives_csv_with_a_header(warehouse: Warehouse) -> None:
    parameters = {"as_of": "2014-01-01", "purpose": "publish", "horizon_days": 365, "least_dollars": 0, "film_id": None}
    parameters |= {"first_day": "-infinity", "last_day": "infinity"}
    with connect() as connection:
        csv = copy_out(connection, "features/films", parameters)
    assert csv.startswith(b"film_id,title,released,release_date,release_precision,known_on,label,")
    assert csv.count(b"\n") == 1


def may_enter(url: str, step: str) -> bool:
    """Whether another run gets the lock of the step within a moment."""
    with connect(url) as connection:
        connection.execute("set lock_timeout = '100ms'")
        try:
            lock_step(connection, step)
        except psycopg.errors.LockNotAvailable:
            connection.rollback()
            return False
        return True


def test_a_step_keeps_other_runs_of_it_out_until_it_ends(warehouse: Warehouse) -> None:
    with connect() as connection:
        lock_step(connection, "features")
        lock_step(connection, "features")  # a run may take its own lock again
        assert not may_enter(warehouse.url(), "features")
        assert may_enter(warehouse.url(), "publish")
    assert may_enter(warehouse.url(), "features")


def test_a_run_that_waits_goes_on_when_the_other_ends(warehouse: Warehouse) -> None:
    def second() -> list[tuple]:
        with connect() as connection:
            lock_step(connection, "features")
            return connection.execute(GENRES).fetchall()

    with ThreadPoolExecutor(1) as pool:
        with connect() as connection:
            lock_step(connection, "features")
            waiting = pool.submit(second)
            connection.execute(ADD, ["Horror"])
        assert waiting.result() == [("Horror",)]
