from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest

from pel.warehouse.connection import WarehouseError
from pel.warehouse.migrations import MIGRATIONS, migrate
from tests.conftest import Warehouse

HEAD = sorted(MIGRATIONS.glob("*.sql"))[-1].name.partition("_")[0]
SCHEMA = """
select n.nspname, c.relname, c.relkind::text, a.attname, a.atttypid::regtype::text, a.attnotnull,
       c.oid, c.relacl::text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
where n.nspname in ('pel', 'public')
order by 1, 2, a.attnum
"""


def schema(database: Warehouse) -> list[tuple]:
    return database.rows(SCHEMA, role="pel_owner")


def version(database: Warehouse) -> list[tuple]:
    return database.rows("select version_num from pel.schema_migrations", role="pel_owner")


def exists(database: Warehouse, name: str) -> bool:
    return database.rows("select to_regclass(%s) is not null", [name], role="pel_owner") == [(True,)]


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name.removeprefix('m')}.sql").write_text(text, encoding="utf-8")
    return folder


def earlier_than(number: str, folder: Path) -> Path:
    """A folder with the migrations before that one."""
    for file in MIGRATIONS.glob("*.sql"):
        if file.name < number:
            (folder / file.name).symlink_to(file)
    return folder


def test_an_empty_database_is_brought_to_the_newest_migration(empty_database: Warehouse) -> None:
    assert migrate(empty_database.url("pel_owner")) == HEAD
    assert version(empty_database) == [(HEAD,)]


def test_migrating_again_changes_nothing(warehouse: Warehouse) -> None:
    before = schema(warehouse)
    assert migrate(warehouse.url("pel_owner")) == HEAD
    assert schema(warehouse) == before
    assert version(warehouse) == [(HEAD,)]


def test_migrating_again_keeps_the_data(warehouse: Warehouse) -> None:
    warehouse.rows("insert into pel.genres (name) values ('Horror')")
    migrate(warehouse.url("pel_owner"))
    assert warehouse.rows("select name from pel.genres") == [("Horror",)]


def test_only_what_is_missing_is_applied(empty_database: Warehouse, tmp_path: Path) -> None:
    url = empty_database.url("pel_owner")
    migrate(url, write(tmp_path, m0001_first="create table pel.first (n int)"))
    assert migrate(url, write(tmp_path, m0002_second="create table pel.second (n int)")) == "0002"
    assert exists(empty_database, "pel.first")
    assert exists(empty_database, "pel.second")


def test_a_migration_that_fails_half_way_leaves_nothing_and_no_record(
    empty_database: Warehouse, tmp_path: Path
) -> None:
    url = empty_database.url("pel_owner")
    folder = write(
        tmp_path,
        m0001_first="create table pel.first (n int);",
        m0002_second="create table pel.second (n int); select 1 / 0; create table pel.third (n int);",
    )
    with pytest.raises(Exception, match="division by zero"):
        migrate(url, folder)
    assert version(empty_database) == [("0001",)]
    assert exists(empty_database, "pel.first")
    assert not exists(empty_database, "pel.second")

    migrate(url, write(folder, m0002_second="create table pel.second (n int);"))
    assert version(empty_database) == [("0002",)]
    assert exists(empty_database, "pel.second")


def test_the_text_of_a_migration_is_sql_to_the_letter(empty_database: Warehouse, tmp_path: Path) -> None:
    text = "create table pel.said as select '100% {of} :what %s \\ é' as words"
    migrate(empty_database.url("pel_owner"), write(tmp_path, m0001_said=text))
    assert empty_database.rows("table pel.said", role="pel_owner") == [("100% {of} :what %s \\ é",)]


def test_machines_that_start_at_once_all_succeed(empty_database: Warehouse) -> None:
    machines = 8
    start = Barrier(machines)

    def one(_machine: int) -> str | None:
        start.wait()
        return migrate(empty_database.url("pel_owner"))

    with ThreadPoolExecutor(machines) as pool:
        assert list(pool.map(one, range(machines))) == [HEAD] * machines
    assert version(empty_database) == [(HEAD,)]


def test_a_folder_without_migrations_is_named(empty_database: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=str(tmp_path)):
        migrate(empty_database.url("pel_owner"), tmp_path)
    with psycopg.connect(empty_database.url("pel_owner")) as connection:
        assert connection.execute("select to_regnamespace('pel')").fetchone() == (None,)


def test_what_was_let_in_counts_as_let_in_and_what_waits_goes_on_waiting(
    empty_database: Warehouse, tmp_path: Path
) -> None:
    migrate(empty_database.url("pel_owner"), earlier_than("0011", tmp_path))
    empty_database.rows("""
        insert into pel.ingest_runs (source, location, state, finished_at, error)
        values ('tmdb', '', 'succeeded', now(), null), ('kaggle', '', 'succeeded', now(), null),
               ('kaggle', '', 'failed', now(), 'gone'), ('kaggle', '', 'succeeded', now(), null);
        insert into pel.film_records (
            source, source_key, film_id, record, record_sha256, seen_on, valid_from, valid_until, ingest_run_id
        )
        values ('tmdb', '1', 1, '{}', '', '2020-01-01', '-infinity', 'infinity', 1),
               ('kaggle', '1', 1, '{}', '', '2020-01-01', '-infinity', '-infinity', 2),
               ('kaggle', '1', 1, '{}', '', '2020-01-01', '-infinity', 'infinity', 4);
        insert into pel.pending_films values (1);
    """)
    migrate(empty_database.url("pel_owner"))
    runs = "select ingest_run_id, let_in from pel.ingest_runs order by 1"
    assert empty_database.rows(runs) == [(1, True), (2, True), (3, False), (4, False)]
    assert empty_database.rows("select film_id, source from pel.pending_films") == [(1, "kaggle")]


def test_histories_that_become_richer_are_all_computed_again(empty_database: Warehouse, tmp_path: Path) -> None:
    migrate(empty_database.url("pel_owner"), earlier_than("0012", tmp_path))
    empty_database.rows("""
        insert into pel.film_attributes (film_id, known_at, director_films, director_box_office_films, cast_films,
                                         cast_box_office_films, genres, release_year)
        values (1, '2001-01-01', 0, 0, 0, 0, '{}', 2001);
        insert into pel.film_events (film_id, day, films, paid, micro_log10, rated, centi_rating)
        values (1, '2001-01-02', 1, 0, 0, 0, 0);
    """)
    migrate(empty_database.url("pel_owner"))
    # a refresh that finds no attributes computes everything
    assert empty_database.rows("select film_id from pel.film_attributes") == []
    assert empty_database.rows("select film_id from pel.film_events") == []
