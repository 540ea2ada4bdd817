import psycopg
import pytest

from pel.local.embedded import EmbeddedPostgres
from pel.warehouse.provision import AIRFLOW, OWNER, PIPELINE, PLANNER, READER, ROLES, database_url, provision

PASSWORDS = {role: f"{role}: 100% @/'secret'" for role in ROLES}


def url(own_server: EmbeddedPostgres, role: str, database: str) -> str:
    return database_url(own_server.admin_url, role, PASSWORDS[role], database)


def test_provisioning_twice_changes_only_passwords(own_server: EmbeddedPostgres) -> None:
    provision(own_server.admin_url, dict.fromkeys(ROLES, "old"))
    with psycopg.connect(database_url(own_server.admin_url, OWNER, "old", "pel")) as connection:
        connection.execute("create table films as select 'Big Fish' as title")
    provision(own_server.admin_url, PASSWORDS)
    with psycopg.connect(url(own_server, OWNER, "pel")) as connection:
        assert connection.execute("select title from films").fetchall() == [("Big Fish",)]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(database_url(own_server.admin_url, OWNER, "old", "pel"))


def test_no_role_may_do_more_than_log_in(own_server: EmbeddedPostgres) -> None:
    provision(own_server.admin_url, PASSWORDS)
    with psycopg.connect(own_server.admin_url) as connection:
        powers = connection.execute(
            "select rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = any(%s)",
            [list(ROLES)],
        ).fetchall()
    assert sorted(powers) == sorted((role, True, False, False, False) for role in ROLES)


@pytest.mark.parametrize("role", [READER, PLANNER, PIPELINE])
@pytest.mark.parametrize("command", ["create table public.mine (n int)", "create schema mine"])
def test_only_the_owner_creates(own_server: EmbeddedPostgres, role: str, command: str) -> None:
    provision(own_server.admin_url, PASSWORDS)
    with (
        psycopg.connect(url(own_server, role, "pel")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(command)


@pytest.mark.parametrize(
    ("role", "database"),
    [(AIRFLOW, "pel"), (READER, "airflow"), (PLANNER, "airflow"), (PIPELINE, "airflow"), (OWNER, "airflow")],
)
def test_airflow_and_the_warehouse_do_not_see_each_other(
    own_server: EmbeddedPostgres, role: str, database: str
) -> None:
    provision(own_server.admin_url, PASSWORDS)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(url(own_server, role, database))


def test_an_administrator_need_not_be_superuser(own_server: EmbeddedPostgres) -> None:
    with psycopg.connect(own_server.admin_url) as connection:
        connection.execute("create role landlord login createrole createdb password 'key'")
    landlord = database_url(own_server.admin_url, "landlord", "key", "postgres")
    provision(landlord, PASSWORDS)
    provision(landlord, PASSWORDS)
    for role, database in ((OWNER, "pel"), (AIRFLOW, "airflow")):
        with psycopg.connect(url(own_server, role, database)) as connection:
            connection.execute("create table public.mine (n int)")


def test_a_url_keeps_its_server_and_options() -> None:
    admin_url = "postgres://boss:old@db.example:6432/postgres?sslmode=require"
    assert database_url(admin_url, "pel_reader", "p@ss/word", "pel") == (
        "postgresql://pel_reader:p%40ss%2Fword@db.example:6432/pel?sslmode=require"
    )


def test_what_is_no_url_is_named() -> None:
    with pytest.raises(ValueError, match="PEL_POSTGRES_URL"):
        database_url("host=localhost user=boss", "pel_reader", "x", "pel")
