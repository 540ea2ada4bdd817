import stat
from pathlib import Path

import psycopg
import pytest

from pel.local.embedded import EmbeddedPostgres
from pel.local.ports import why_not


def test_a_wrong_password_is_refused(own_server: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(own_server.admin_url, password="guessed")


def test_every_way_in_asks_for_scram(own_server: EmbeddedPostgres) -> None:
    with psycopg.connect(own_server.admin_url) as connection:
        methods = connection.execute("select distinct auth_method from pg_hba_file_rules").fetchall()
        sockets = connection.execute("show unix_socket_directories").fetchone()
        addresses = connection.execute("show listen_addresses").fetchone()
    assert methods == [("scram-sha-256",)]
    assert sockets == ("",)
    assert addresses == ("127.0.0.1",)


def test_committed_rows_survive_a_restart(own_server: EmbeddedPostgres) -> None:
    with psycopg.connect(own_server.admin_url) as connection:
        connection.execute("create table films as select 'Big Fish' as title")
    own_server.stop()
    own_server.start()
    with psycopg.connect(own_server.admin_url) as connection:
        assert connection.execute("select title from films").fetchall() == [("Big Fish",)]


def test_a_stopped_server_gives_its_port_back(own_server: EmbeddedPostgres) -> None:
    assert why_not(own_server.port)
    own_server.stop()
    assert not why_not(own_server.port)


def test_the_data_is_closed_to_others_and_goes_when_removed(own_server: EmbeddedPostgres) -> None:
    data = own_server.data
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert data.stat().st_uid != 0
    own_server.remove()
    assert not data.exists()


def test_a_folder_that_only_its_owner_may_enter_will_do(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    postgres = EmbeddedPostgres(closed / "postgres", password="secret")
    try:
        with postgres, psycopg.connect(postgres.admin_url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    finally:
        postgres.remove()
    assert list(closed.iterdir()) == []
    assert not postgres.data.exists()
