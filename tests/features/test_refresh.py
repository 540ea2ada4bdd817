"""Attributes and deltas are brought up to date in part; the tables must be those of a full computation."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pel.features.films import refresh
from pel.sources import Film
from pel.sources.corrections import CorrectionsSource
from pel.warehouse.ingest import ingest
from tests.conftest import Warehouse
from tests.features.catalogue import START, dice, random_film, random_films, random_user_ratings
from tests.features.tables import attributes_of, both_tables, computed, deltas, empty
from tests.films import a_film, take_in
from tests.wait import sessions_waiting, wait_until

AS_OF = date(2003, 1, 1)

ANN: dict[str, Any] = {"directors": ["Ann"], "cast": ["Bob"], "genres": ["Drama"]}
ANNS: dict[str, Any] = {"collections": ["Ann's"], "companies": ["Ann & Co.", "Bob & Sons"]}
FILMS = [
    a_film("first", "2001-01-02", dollars=100_000, rating=1, **ANN),
    a_film("second", "2001-06-15", dollars=1_000_000, rating=2, cast=["Ann"], budget=1_000_000, genres=["War"]),
    a_film("third", "2002-01-02", dollars=10_000_000, rating=3, **ANN),
    a_film("fourth", "2002-01-02", directors=["Cyd"], cast=["Ann", "Bob"], budget=10_000_000),
    a_film("some day of 2001", "2001-12-31", release_precision="year", rating=5, **ANN),
    a_film("undated", rating=5, **ANN),
    a_film("fifth", "2001-08-01", dollars=20_000, rating=4, **ANNS),
    a_film("sixth", "2002-08-01", companies=["Bob & Sons"], collections=["Ann's"]),
    a_film("lone 1", "2001-01-05", budget=100_000),
    a_film("lone 2", "2001-01-06", budget=10_000_000),
    a_film("lone 3", "2001-01-07", budget=100_000),
    a_film("upcoming", "2003-06-01", **ANN),
]
CHANGES = {
    "a date moved forward": a_film("first", "2002-03-01", dollars=100_000, rating=1, **ANN),
    "a date moved back": a_film("third", "2001-02-01", dollars=10_000_000, rating=3, **ANN),
    "a date moved to another's": a_film("second", "2002-01-02", cast=["Ann"], budget=1_000_000, genres=["War"]),
    "a date lost": a_film("second", None, cast=["Ann"], budget=1_000_000),
    "the first date lost": a_film("first", None, **ANN),
    "a date gained": a_film("undated", "2001-04-01", rating=5, **ANN),
    "a day lost": a_film("second", "2001-12-31", release_precision="year", dollars=1_000_000, rating=2, cast=["Ann"]),
    "the first day lost": a_film("first", "2001-01-31", release_precision="month", dollars=100_000, rating=1, **ANN),
    "a day gained": a_film("some day of 2001", "2001-05-01", rating=5, **ANN),
    "credits changed": a_film("first", "2001-01-02", dollars=100_000, rating=1, directors=["Bob"], cast=["Cyd"]),
    "credits lost": a_film("first", "2001-01-02", dollars=100_000, rating=1),
    "a box office corrected": a_film("first", "2001-01-02", dollars=990_000, rating=1, **ANN),
    "a box office lost": a_film("first", "2001-01-02", rating=1, **ANN),
    "a budget and genres changed": a_film("second", "2001-06-15", cast=["Ann"], budget=70_000, genres=["Crime"]),
    "a film between two others": a_film("new", "2001-03-01", rating=9, **ANN),
    "a film before all others": a_film("new", "1999-03-01", dollars=50_000, **ANN),
    "a film after all others": a_film("new", "2009-03-01", **ANN),
    "a film of the same day": a_film("new", "2002-01-02", **ANN),
    "a collection lost": a_film("fifth", "2001-08-01", dollars=20_000, rating=4, companies=ANNS["companies"]),
    "a company changed": a_film("fifth", "2001-08-01", dollars=20_000, rating=4, companies=["Eve & Co."]),
    "a company gained": a_film("first", "2001-01-02", dollars=100_000, rating=1, companies=["Bob & Sons"], **ANN),
    "a figure nobody believes": a_film("first", "2001-01-02", dollars=999, rating=1, **ANN),
    "a budget nobody believes": a_film("second", "2001-06-15", cast=["Ann"], budget=999, genres=["War"]),
    # nobody's films: only the order ties them together
    "a neighbour moved away": a_film("lone 2", "2002-01-01", budget=10_000_000),
    "a neighbour's date lost": a_film("lone 2", None, budget=10_000_000),
    "a neighbour's day lost": a_film("lone 2", "2001-12-31", release_precision="year", budget=10_000_000),
    "a neighbour changed": a_film("lone 2", "2001-01-06", budget=770_000, genres=["War"]),
    "a neighbour arrived": a_film("new", "2001-01-06", budget=770_000),
    "a film out at last": a_film("upcoming", "2002-12-31", **ANN),
}


def assert_a_full_computation_is_no_different(warehouse: Warehouse, as_of: date) -> None:
    refresh(as_of)
    in_part = computed(warehouse)
    empty(warehouse)
    refresh(as_of)
    in_full = computed(warehouse)
    assert {name for name, rows in in_full.items() if rows != in_part[name]} == set()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_one_change_leads_where_a_full_computation_does(warehouse: Warehouse, change: Film) -> None:
    take_in(*FILMS)
    refresh(AS_OF)
    before = both_tables(warehouse)
    take_in(change)
    refresh(AS_OF)
    assert both_tables(warehouse) != before
    assert_a_full_computation_is_no_different(warehouse, AS_OF)


def test_a_budget_that_is_not_believed_any_more_changes_what_looks_back_on_it(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    take_in(a_film("first", "2001-01-02", ids=["tmdb:1"], budget=10**6, **ANN), a_film("second", "2002-01-02", **ANN))
    refresh(AS_OF)
    assert attributes_of(warehouse, "second")["director_budget"] == 6
    file = tmp_path / "corrections.csv"
    file.write_text("film,field,value,reason\ntmdb:1,budget,unknown,a guess\n")
    ingest(CorrectionsSource(str(file)), settle_days=180)  # and the facts wait for the checks: only the rules see it
    refresh(AS_OF)
    assert attributes_of(warehouse, "second")["director_budget"] is None
    assert_a_full_computation_is_no_different(warehouse, AS_OF)


def test_of_two_films_that_come_at_once_the_earlier_touches_all_that_look_back(warehouse: Warehouse) -> None:
    take_in(*FILMS)
    refresh(AS_OF)
    take_in(a_film("new", "2001-03-01", **ANN), a_film("newer", "2009-03-01", **ANN))
    refresh(AS_OF)
    assert attributes_of(warehouse, "third")["director_films"] == 3  # "first", "some day of 2001" and "new"
    assert_a_full_computation_is_no_different(warehouse, AS_OF)


@pytest.mark.parametrize("seed", range(3))
def test_many_changes_lead_where_a_full_computation_does(warehouse: Warehouse, seed: int) -> None:
    rng = dice(seed)
    take_in(*random_films(rng, 120), source="kaggle")
    live: dict[str, Any] = {"source": "tmdb", "live": True}
    take_in(*random_films(rng, 60), **live, seen_on=START)
    for change in range(12):
        some = {n: random_film(rng, n) for n in rng.sample(range(140), 3)}.values()
        match change % 4:
            case 0 | 1:
                take_in(*some, source="kaggle")
            case 2:
                take_in(*some, **live, seen_on=START + timedelta(50 * change))
            case 3:
                take_in(user_ratings=random_user_ratings(rng, 140, 50), source="movielens")
        refresh(START + timedelta(rng.choice([200, 400, 400, 700])))
    assert_a_full_computation_is_no_different(warehouse, START + timedelta(400))


@pytest.mark.parametrize("seed", range(2))
def test_looking_back_and_forth_ends_where_it_began(warehouse: Warehouse, seed: int) -> None:
    take_in(*random_films(dice(seed), 150))
    refresh(START + timedelta(400))
    before = both_tables(warehouse)
    for day in (100, 700):
        refresh(START + timedelta(day))
        assert both_tables(warehouse) != before
    refresh(START + timedelta(400))
    assert both_tables(warehouse) == before


def test_a_second_refresh_does_no_film_again(demo_facts: Warehouse) -> None:
    refresh(date(2014, 1, 1))
    written = "select film_id, xmin::text from pel.film_attributes order by 1"
    before = demo_facts.rows(written)
    films, _ = refresh(date(2014, 1, 1))
    assert films == 0
    assert demo_facts.rows(written) == before


def test_a_change_does_no_more_films_again_than_those_of_its_people(warehouse: Warehouse) -> None:
    take_in(*FILMS, a_film("Dan's", "2002-05-01", directors=["Dan"]))
    refresh(AS_OF)
    take_in(a_film("new", "2001-03-01", cast=["Eve"], directors=["Cyd"]))
    assert refresh(AS_OF) == (1, 2)  # the new one; and it and the other film of Cyd have a history to look at


def test_a_film_without_a_date_is_in_neither_table(warehouse: Warehouse) -> None:
    take_in(*FILMS)
    refresh(AS_OF)
    assert len(both_tables(warehouse)[0]) == len(FILMS) - 1
    assert "undated" not in deltas(warehouse)


@contextmanager
def held_up(warehouse: Warehouse) -> Iterator[None]:
    """Lets a refresh begin and not end."""
    with psycopg.connect(warehouse.url()) as gate:
        gate.execute("lock table pel.film_attributes in share mode")
        yield


def test_a_change_that_comes_during_a_refresh_is_not_lost(warehouse: Warehouse) -> None:
    take_in(*FILMS)
    refresh(AS_OF)
    with ThreadPoolExecutor(2) as pool:
        with held_up(warehouse):
            refreshing = pool.submit(refresh, AS_OF)
            wait_until(lambda: sessions_waiting(warehouse) == 1)
            ingesting = pool.submit(take_in, CHANGES["a box office corrected"])
            wait_until(lambda: ingesting.done() or sessions_waiting(warehouse) == 2)
        refreshing.result()
        ingesting.result()
    refresh(AS_OF)
    assert attributes_of(warehouse, "third")["director_box_office"] == pytest.approx(5.9956351945975499)
    assert_a_full_computation_is_no_different(warehouse, AS_OF)


def test_two_refreshes_at_once_lead_where_one_does(warehouse: Warehouse) -> None:
    take_in(*random_films(dice(0), 150))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(refresh, [START + timedelta(200), START + timedelta(400)]))
    assert_a_full_computation_is_no_different(warehouse, START + timedelta(400))
