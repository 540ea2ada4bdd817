from collections.abc import Callable
from itertools import product

import psycopg
import pytest

from tests.conftest import Warehouse

OF_NAMESPACE = (
    "select c.oid::regclass::text from pg_class c where c.relnamespace = %s::regnamespace and c.relkind = any(%s)"
)
OURS = ("pel_owner", "pel_pipeline", "pel_reader", "pel_planner")
OTHERS = [(role, other) for role, other in product(OURS, (*OURS, "airflow", "postgres")) if role != other]
REFUSED = psycopg.errors.InsufficientPrivilege

PREDICTED = """
with film as (
    insert into pel.films (title)
    values ('Alien')
    returning film_id
),
model as (
    insert into pel.model_versions (model_version, kind, as_of, code_version, data_sha256, parameters, metrics,
                                    artifact_url, artifact_sha256)
    values ('m', 'pretrained', '1979-01-01', '', '', '{}', '{}', '', '')
    returning model_version
)
insert into pel.predictions (film_id, as_of, model_version, release_date, release_precision, log10_dollars)
select film_id, '1979-01-01', model_version, '1979-05-25', 'day', 8 from film, model
"""


def relations(warehouse: Warehouse, namespace: str, *kinds: str) -> list[str]:
    return [name for (name,) in warehouse.rows(OF_NAMESPACE, [namespace, list(kinds)])]


@pytest.mark.parametrize("role", ["pel_reader", "pel_planner"])
def test_a_reader_reads_every_view(warehouse: Warehouse, role: str) -> None:
    views = relations(warehouse, "public", "v")
    assert "upcoming_predictions" in views
    for view in views:
        warehouse.rows(f"select * from {view}", role=role)


@pytest.mark.parametrize("role", ["pel_reader", "pel_planner"])
def test_a_reader_reads_no_table(warehouse: Warehouse, role: str) -> None:
    tables = relations(warehouse, "pel", "r")
    assert "pel.films" in tables
    for table in tables:
        with pytest.raises(REFUSED):
            warehouse.rows(f"select from {table}", role=role)


def test_a_planner_inserts_scenarios_and_learns_their_numbers(warehouse: Warehouse) -> None:
    ((asked,),) = warehouse.rows("insert into scenarios (budget) values (1) returning scenario_id", role="pel_planner")
    shown = warehouse.rows("select created_by from scenario_predictions where scenario_id = %s", [asked], "pel_reader")
    assert shown == [("pel_planner",)]


@pytest.mark.parametrize(
    "command",
    [
        "update scenarios set budget = 2",
        "delete from scenarios",
        "truncate pel.scenarios",
        "insert into scenarios (created_by) values ('someone else')",
        "insert into scenarios (created_at) values ('2000-01-01')",
        "insert into scenarios (scenario_id) overriding system value values (7)",
        "insert into scenario_predictions (film_id) values (1)",
        "insert into pel.scenario_predictions (scenario_id, error) values (1, '')",
        "select from pel.scenario_predictions",
        "select nextval('pel.scenarios_scenario_id_seq')",
        "alter table pel.scenarios add column mine int",
        "create trigger mine before insert on pel.scenarios for each row execute function pel.refuse_rewriting()",
        "select pel.update_statistics()",
    ],
)
@pytest.mark.parametrize("role", ["pel_reader", "pel_planner"])
def test_a_planner_does_nothing_else(warehouse: Warehouse, role: str, command: str) -> None:
    with pytest.raises((REFUSED, psycopg.errors.ObjectNotInPrerequisiteState)):
        warehouse.rows(command, role=role)


def test_a_reader_asks_nothing(warehouse: Warehouse) -> None:
    with pytest.raises(REFUSED):
        warehouse.rows("insert into scenarios (budget) values (1)", role="pel_reader")


@pytest.mark.parametrize("role", ["pel_reader", "pel_planner", "pel_pipeline"])
@pytest.mark.parametrize(
    "command",
    [
        "create table public.mine (n int)",
        "create table pel.mine (n int)",
        "create view public.mine as select 1",
        "create function public.mine() returns int language sql as 'select 1'",
        "create schema mine",
        "create extension pg_trgm",
    ],
)
def test_only_the_owner_creates(warehouse: Warehouse, role: str, command: str) -> None:
    with pytest.raises((REFUSED, psycopg.errors.FeatureNotSupported)):
        warehouse.rows(command, role=role)


@pytest.mark.parametrize("role", OURS)
@pytest.mark.parametrize(
    "command",
    [
        "create role mine",
        "alter role pel_reader superuser",
        "alter role airflow password 'guessed'",
        "grant pel_owner to {role}",
        "set session authorization postgres",
        "copy (select 1) to program 'true'",
        "copy (select 1) to '/tmp/pel-mine'",
        "select pg_read_file('/etc/hostname')",
        "select rolpassword from pg_authid",
    ],
)
def test_nobody_is_more_than_a_guest_on_the_server(warehouse: Warehouse, role: str, command: str) -> None:
    with pytest.raises(REFUSED):
        warehouse.rows(command.format(role=role), role=role)


@pytest.mark.parametrize(("role", "other"), OTHERS)
def test_nobody_becomes_another(warehouse: Warehouse, role: str, other: str) -> None:
    with pytest.raises(REFUSED):
        warehouse.rows(f"set role {other}", role=role)


@pytest.mark.parametrize("call", ["pel.update_statistics()", "pel.temporal_deltas_between('-infinity', 'infinity')"])
def test_a_reader_calls_no_function_of_the_pipeline(warehouse: Warehouse, call: str) -> None:
    with pytest.raises(REFUSED):
        warehouse.rows(f"select {call}", role="pel_reader")


def test_a_reader_learns_what_is_read_and_waits_for_nobody(warehouse: Warehouse) -> None:
    figures = warehouse.rows("select metric, value from health order by metric", role="pel_reader")
    assert figures == [("films", 0), ("rejected_records", 0)]


@pytest.mark.parametrize("view", ["upcoming_predictions", "model_scoreboard"])
@pytest.mark.parametrize("command", ["delete from {}", "drop view {}", "alter view {} rename to mine"])
def test_a_reader_changes_no_view(warehouse: Warehouse, view: str, command: str) -> None:
    with pytest.raises((REFUSED, psycopg.errors.ObjectNotInPrerequisiteState)):
        warehouse.rows(command.format(view), role="pel_reader")


@pytest.mark.parametrize("table", ["predictions", "publications", "promotions", "explanations", "scenario_predictions"])
@pytest.mark.parametrize("command", ["update pel.{} set as_of = as_of", "delete from pel.{}", "truncate pel.{}"])
def test_the_pipeline_does_not_rewrite_what_was_said(warehouse: Warehouse, table: str, command: str) -> None:
    with pytest.raises(REFUSED):
        warehouse.rows(command.format(table))


@pytest.mark.parametrize(
    "command",
    [
        "alter table pel.films add column mine int",
        "alter table pel.predictions disable trigger all",
        "drop table pel.genres cascade",
        "drop schema pel cascade",
        "create or replace view public.upcoming_predictions as select 1",
        "create index on pel.films (title)",
        "comment on table pel.films is ''",
        "update pel.schema_migrations set version_num = '0'",
        "delete from pel.schema_migrations",
        "update pel.plausibility_rules set reason = ''",
        "delete from pel.plausibility_rules",
    ],
)
def test_the_pipeline_does_not_alter_the_schema(warehouse: Warehouse, command: str) -> None:
    with pytest.raises(REFUSED):
        warehouse.rows(command)


@pytest.mark.parametrize(
    "command",
    [
        "update pel.predictions set log10_dollars = 9",
        "delete from pel.predictions",
        "truncate pel.predictions cascade",
        "truncate pel.films cascade",
    ],
)
def test_not_even_the_owner_rewrites_predictions(warehouse: Warehouse, command: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        warehouse.rows(command, role="pel_owner")


def test_a_film_that_was_predicted_stays(copy_database: Callable[[str], Warehouse]) -> None:
    warehouse = copy_database("pel")
    warehouse.rows(PREDICTED)
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="predictions"):
        warehouse.rows("delete from pel.films")
