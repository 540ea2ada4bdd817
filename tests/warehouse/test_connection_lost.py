"""What becomes of a step whose database goes away, or that hangs or dies itself."""

import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
import pytest

from pel.local.embedded import EmbeddedPostgres
from pel.sources import Batch, Source
from pel.warehouse.connection import SESSION, connect, lock_step
from pel.warehouse.ingest import ingest
from tests.conftest import Warehouse
from tests.wait import wait_until

WHO = "select current_user"
# A step as a process of its own: it takes a lock, says so, and is busy on the server until it is killed.
BUSY = """
from pel.warehouse.connection import SESSION, connect, lock_step
SESSION["client_connection_check_interval"] = "100ms"
with connect() as connection:
    lock_step(connection, "features")
    print("busy", flush=True)
    connection.execute("select pg_sleep(3600)")
"""


@pytest.fixture(scope="module")
def started_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), password="secret")
    postgres.prepare()
    yield postgres
    postgres.remove()


@pytest.fixture
def own_server(started_once: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedPostgres]:
    """The pipeline's server, started, and free to go away."""
    monkeypatch.setenv("PEL_DATABASE_URL", started_once.admin_url)
    started_once.start()
    yield started_once
    started_once.stop()


def who() -> str:
    with connect() as connection:
        return connection.execute(WHO).fetchone()[0]


def is_trying_again(caplog: pytest.LogCaptureFixture) -> bool:
    return "trying again" in caplog.text


def test_a_step_waits_for_a_server_that_restarts(
    own_server: EmbeddedPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    own_server.stop()
    with ThreadPoolExecutor(1) as pool:
        step = pool.submit(who)
        wait_until(lambda: is_trying_again(caplog))
        own_server.start()
        assert step.result() == "postgres"
    assert "secret" not in caplog.text


def test_whoever_names_an_address_hears_at_once_that_nothing_answers(
    own_server: EmbeddedPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    own_server.stop()
    with pytest.raises(psycopg.OperationalError), connect(own_server.admin_url):
        pass
    assert not is_trying_again(caplog)


def test_a_transaction_that_is_cut_off_fails_as_a_whole_and_is_not_begun_again(own_server: EmbeddedPostgres) -> None:
    def step() -> None:
        with connect() as connection:
            begun.append(connection.execute("create table films as select 'Big Fish' as title"))
            own_server.stop(signal.SIGQUIT)
            own_server.start()
            connection.execute("insert into films values ('Alien')")

    begun: list[object] = []
    with pytest.raises(psycopg.OperationalError):
        step()
    assert len(begun) == 1
    with connect() as connection:
        assert connection.execute("select to_regclass('films')").fetchall() == [(None,)]


def test_who_holds_a_lock_gives_up_before_who_waits_for_it_and_a_statement_may_take_longest(
    warehouse: Warehouse,
) -> None:
    with connect() as connection:
        holds, waits, takes = (
            connection.execute("select setting::int from pg_settings where name = %s", [name]).fetchone()[0]
            for name in ("idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout")
        )
    assert 0 < holds < waits < takes


def test_a_statement_that_hangs_ends(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SESSION, "statement_timeout", "100ms")
    with pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout"), connect() as connection:
        connection.execute("select pg_sleep(3600)")


def test_a_step_that_hangs_lets_others_in(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang() -> None:
        with connect() as hanging:
            lock_step(hanging, "features")
            with connect() as other:
                lock_step(other, "features")
            hanging.execute(WHO)

    monkeypatch.setitem(SESSION, "idle_in_transaction_session_timeout", "100ms")
    with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
        hang()


def test_an_ingest_keeps_its_lock_however_long_its_source_takes(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Source):
        name, location = "slow", "memory"

        def batches(self) -> Iterator[Batch]:
            with suppress(psycopg.Error), connect() as hanging:
                hanging.execute(WHO)
                select.select([hanging], [], [])  # the server says why it ends the session
                hanging.execute(WHO)
            locks.extend(warehouse.rows("select granted from pg_locks where locktype = 'advisory'"))
            return iter(())

    locks: list[tuple] = []
    monkeypatch.setitem(SESSION, "idle_in_transaction_session_timeout", "1s")
    ingest(Slow(), settle_days=180)
    assert locks == [(True,)]


def test_a_step_that_was_killed_holds_its_lock_no_longer(warehouse: Warehouse) -> None:
    step = subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True)
    assert step.stdout
    assert step.stdout.readline() == "busy\n"
    step.kill()
    step.wait()
    with connect() as connection:
        lock_step(connection, "features")


def test_both_sides_look_whether_the_other_is_still_there(warehouse: Warehouse) -> None:
    with connect() as connection:
        with socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as ours:
            assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
        assert connection.execute("show tcp_keepalives_idle").fetchall() == [("30",)]
