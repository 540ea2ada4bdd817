from datetime import date

import psycopg
import pytest

from tests.conftest import Warehouse
from tests.films import a_film, take_in

UNDOCUMENTED_TABLES = """
select c.oid::regclass::text
from pg_class c
where c.relnamespace in ('pel'::regnamespace, 'public'::regnamespace)
  and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and coalesce(obj_description(c.oid, 'pg_class'), '') = ''
"""
UNDOCUMENTED_COLUMNS = """
select c.oid::regclass::text, a.attname::text
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace in ('pel'::regnamespace, 'public'::regnamespace)
  and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and coalesce(col_description(c.oid, a.attnum), '') = ''
"""
UNNAMED_RULES = """
select conrelid::regclass::text, conname::text
from pg_constraint
where contype = 'c' and conrelid <> 0 and conname ~ '_check\\d*$'
"""
NO_VIEWS = "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind <> 'v'"

MODEL = """
insert into pel.model_versions (model_version, kind, as_of, pretrained_version, code_version, data_sha256, parameters,
                                metrics, artifact_url, artifact_sha256)
values ('m', {kind}, '2014-01-01', {pretrained}, '', '', '{{}}', '{{}}', '', '')
"""


USERS = "insert into pel.user_ratings values ('made up', 'tmdb:348', '1979-05-01', {votes}, {points})"

SAME_AGAIN = {
    "table ridley": "select person_key, name from pel.people",
    "table rated": "select * from pel.ratings",
    "table made": "select * from pel.box_office",
    "table said": "overriding user value select * from pel.film_records",
}


@pytest.fixture
def one_film(warehouse: Warehouse) -> Warehouse:
    take_in(
        a_film("Alien", "1979-05-25", directors=["Ridley Scott"], dollars=104_931_801, rating=8.5, budget=11_000_000)
    )
    return warehouse


@pytest.mark.parametrize("undocumented", [UNDOCUMENTED_TABLES, UNDOCUMENTED_COLUMNS], ids=["tables", "columns"])
def test_every_table_view_and_column_says_what_it_is(warehouse: Warehouse, undocumented: str) -> None:
    assert warehouse.rows(undocumented) == []


def test_schema_public_holds_nothing_but_views(warehouse: Warehouse) -> None:
    assert warehouse.rows(NO_VIEWS) == []


def test_every_rule_has_a_name_of_its_own(warehouse: Warehouse) -> None:
    assert warehouse.rows(UNNAMED_RULES) == []


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ("update pel.budgets set dollars = -1", "dollars_are_positive"),
        ("update pel.films set title = ''", "title_is_not_empty"),
        ("update pel.films set runtime_minutes = 0", "runtime_is_positive"),
        ("update pel.films set release_precision = 'week'", "precision_is_known"),
        ("update pel.films set release_precision = null", "dates_have_a_precision"),
        ("update pel.films set release_date = null", "dates_have_a_precision"),
        ("update pel.credits set role = 'caterer'", "role_is_known"),
        ("update pel.credits set billing = 0", "billing_starts_at_one"),
        ("update pel.ratings set rating = 10.1", "rating_is_out_of_ten"),
        ("update pel.ratings set votes = 0", "votes_are_positive"),
        ("update pel.box_office set dollars = 0", "dollars_are_positive"),
        ("update pel.ingest_runs set state = 'lost'", "state_is_known"),
        ("update pel.ingest_runs set finished_at = null", "finished_runs_say_when"),
        ("update pel.ingest_runs set state = 'failed'", "failed_runs_say_why"),
        ("insert into pel.people (person_key, name) table ridley", "one_person_per_key"),
        ("insert into pel.ratings table rated", "one_rating_per_observation"),
        ("insert into pel.box_office table made", "one_box_office_per_observation"),
        ("insert into pel.film_records table said", "current_word"),
        (USERS.format(votes=0, points=0), "votes_are_positive"),
        (USERS.format(votes=3, points=2), "points_are_out_of_ten"),
        (USERS.format(votes=3, points=31), "points_are_out_of_ten"),
        ("insert into pel.refreshes values (false, '2014-01-01')", "there_is_one_row"),
        (MODEL.format(kind="'guessed'", pretrained="null"), "kind_is_known"),
        (MODEL.format(kind="'finetuned'", pretrained="null"), "finetuned_models_name_their_pretrained"),
    ],
)
def test_a_broken_rule_is_refused_by_name(one_film: Warehouse, broken: str, rule: str) -> None:
    for short, long in SAME_AGAIN.items():
        broken = broken.replace(short, long)
    with pytest.raises(psycopg.errors.IntegrityError) as refused:
        one_film.rows(broken)
    assert refused.value.diag.constraint_name == rule


@pytest.mark.parametrize(
    ("precision", "last", "first"),
    [
        ("day", date(2012, 2, 29), date(2012, 2, 29)),
        ("month", date(2012, 2, 29), date(2012, 2, 1)),
        ("year", date(2012, 12, 31), date(2012, 1, 1)),
    ],
)
def test_a_film_may_have_come_out_from_the_first_day_that_is_possible(
    warehouse: Warehouse, precision: str, last: date, first: date
) -> None:
    take_in(a_film("Amour", last.isoformat(), release_precision=precision))
    assert warehouse.rows("select release_earliest, release_date from pel.films") == [(first, last)]


def test_a_film_without_a_date_has_no_first_day_either(warehouse: Warehouse) -> None:
    take_in(a_film("Untitled"))
    assert warehouse.rows("select release_earliest, release_date from pel.films") == [(None, None)]
