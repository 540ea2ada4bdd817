"""A real Postgres for all tests: one server a session, a database of its own for each test that asks for one."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from pel.features.films import refresh
from pel.forecasts.replay import replay
from pel.local.embedded import EmbeddedPostgres
from pel.sources import make_source
from pel.warehouse.ingest import ingest
from pel.warehouse.migrations import migrate
from pel.warehouse.provision import ROLES, database_url, provision
from pel.warehouse.resolve import resolve
from tests.chain import AS_OF, run_chain

PASSWORDS = {role: secrets.token_hex(8) for role in ROLES}
SETTLE_DAYS = 180

# what holds facts and what follows from them, in an order that foreign keys allow
EMPTIED = """
    film_attributes film_events credits
    film_genres film_companies film_collections film_countries film_languages film_keywords
    films people genres companies collections countries languages keywords
    film_records film_ids pending_films user_ratings finished_batches rejected_records ingest_runs
    stale_histories refreshes
"""

EMPTY = """
{deletes}
do $$
declare
    sequence regclass;
begin
    for sequence in select oid from pg_class where relkind = 'S' and relnamespace = 'pel'::regnamespace loop
        execute format('alter sequence %s restart', sequence);
    end loop;
end
$$;
""".format(deletes="".join(f"delete from pel.{table};\n" for table in EMPTIED.split()))


@dataclass(frozen=True)
class Warehouse:
    """A migrated database, and how each role reaches it."""

    admin_url: str
    database: str

    def url(self, role: str = "pel_pipeline") -> str:
        return database_url(self.admin_url, role, PASSWORDS[role], self.database)

    def rows(self, statement: str, parameters: list | dict | None = None, role: str = "pel_pipeline") -> list[tuple]:
        with psycopg.connect(self.url(role)) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), password=secrets.token_hex(8))
    postgres.start()
    yield postgres
    postgres.remove()


@pytest.fixture(scope="session")
def admin_url(server: EmbeddedPostgres) -> str:
    """A server with the roles and the empty, migrated database "pel", from which the others are copied."""
    provision(server.admin_url, PASSWORDS)
    migrate(database_url(server.admin_url, "pel_owner", PASSWORDS["pel_owner"], "pel"))
    return server.admin_url


@pytest.fixture(scope="session")
def copy_database(admin_url: str) -> Callable[[str], Warehouse]:
    """Copies a database under a new name."""

    def copy(template: str) -> Warehouse:
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(admin_url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("create database {} template {} owner pel_owner").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return Warehouse(admin_url, name)

    return copy


@pytest.fixture(scope="session")
def demo_template(copy_database: Callable[[str], Warehouse]) -> str:
    """A database with the demo's films taken in."""
    demo = copy_database("pel")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PEL_DATABASE_URL", demo.url())
        ingest(make_source("wikidata"), settle_days=SETTLE_DAYS)
        resolve(settle_days=SETTLE_DAYS)
    return demo.database


@pytest.fixture
def installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Warehouse], Warehouse]:
    """Makes a database the one that the pipeline's steps use."""

    def use(warehouse: Warehouse) -> Warehouse:
        monkeypatch.setenv("PEL_HOME", str(tmp_path))
        monkeypatch.setenv("PEL_DATABASE_URL", warehouse.url())
        for name in ("PEL_AS_OF", "PEL_ARTIFACTS_URL", "PEL_SETTLE_DAYS", "PEL_SOURCE", "PEL_DATA", "PEL_APPROVAL"):
            monkeypatch.delenv(name, raising=False)
        return warehouse

    return use


def emptied(warehouse: Warehouse) -> Warehouse:
    """The database without a fact, its next film the first."""
    warehouse.rows(EMPTY, role="pel_owner")
    return warehouse


@pytest.fixture(scope="session")
def reused(copy_database: Callable[[str], Warehouse]) -> Warehouse:
    """One database used over and over: a new one for each test would cost more than the tests."""
    return copy_database("pel")


@pytest.fixture
def warehouse(reused: Warehouse, installation: Callable[[Warehouse], Warehouse]) -> Warehouse:
    """An empty database with the schema, used by the pipeline's steps."""
    return installation(emptied(reused))


@pytest.fixture
def demo(
    demo_template: str,
    copy_database: Callable[[str], Warehouse],
    installation: Callable[[Warehouse], Warehouse],
) -> Warehouse:
    """The demo's films, used by the pipeline's steps."""
    return installation(copy_database(demo_template))


@dataclass(frozen=True)
class Trained:
    """A database in which a chain has run, and the folder of its artifacts."""

    warehouse: Warehouse
    artifacts: Path


@pytest.fixture(scope="session")
def trained_once(
    demo_template: str, copy_database: Callable[[str], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    trained = Trained(copy_database(demo_template), tmp_path_factory.mktemp("artifacts"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PEL_DATABASE_URL", trained.warehouse.url())
        monkeypatch.setenv("PEL_ARTIFACTS_URL", trained.artifacts.as_uri())
        run_chain()
    return trained


@pytest.fixture
def trained(
    trained_once: Trained,
    copy_database: Callable[[str], Warehouse],
    installation: Callable[[Warehouse], Warehouse],
    tmp_path: Path,
) -> Trained:
    """A copy of its own: what a test does to it, no other test sees."""
    copied = Trained(installation(copy_database(trained_once.warehouse.database)), tmp_path / "artifacts")
    shutil.copytree(trained_once.artifacts, copied.artifacts)
    url = f"{copied.artifacts.as_uri()}/"
    copied.warehouse.rows("update pel.model_versions set artifact_url = %s || model_version", [url], role="pel_owner")
    return copied


# What became known after AS_OF turns out to be something else, and everything is computed from it anew.
ANOTHER_FUTURE = f"""
update pel.box_office set dollars = 2 * dollars where known_on > '{AS_OF}';
update pel.ratings set rating = 10 - rating where known_on > '{AS_OF}';
delete from pel.film_attributes
"""
TABLES = "select tablename::text from pg_tables where schemaname = 'pel' and tablename not like 'replay%' order by 1"


@dataclass(frozen=True)
class Replayed:
    """A database that replayed AS_OF, with every row before and after, but those of replays, and what files it left."""

    warehouse: Warehouse
    before: dict[str, list[tuple]]
    after: dict[str, list[tuple]]
    left_over: list[str]


@pytest.fixture(scope="session")
def replayed_once(
    trained_once: Trained, copy_database: Callable[[str], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Replayed:
    warehouse, artifacts = copy_database(trained_once.warehouse.database), tmp_path_factory.mktemp("replays")
    warehouse.rows(ANOTHER_FUTURE)
    later = AS_OF.replace(year=AS_OF.year + 1)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PEL_DATABASE_URL", warehouse.url())
        monkeypatch.setenv("PEL_ARTIFACTS_URL", artifacts.as_uri())
        refresh(later)
        before = contents(warehouse)
        replay(AS_OF)
        refresh(later)
    files = [path.name for path in artifacts.rglob("*") if path.is_file()]
    return Replayed(warehouse, before, contents(warehouse), files)


@pytest.fixture
def replayed(
    replayed_once: Replayed,
    copy_database: Callable[[str], Warehouse],
    installation: Callable[[Warehouse], Warehouse],
) -> Warehouse:
    """A copy of its own, used by the pipeline's steps."""
    return installation(copy_database(replayed_once.warehouse.database))


def contents(warehouse: Warehouse) -> dict[str, list[tuple]]:
    return {
        table: warehouse.rows(f"select t::text from pel.{table} t order by 1") for (table,) in warehouse.rows(TABLES)
    }
