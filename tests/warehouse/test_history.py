"""What a live source said at different times: the past sees what was said by then."""

from datetime import date, timedelta
from typing import Any

import pytest

from pel.features.films import cut, refresh
from pel.sources import Film, Withdrawal
from pel.warehouse.ingest import IngestRun, ingest
from pel.warehouse.resolve import resolve
from tests.conftest import Warehouse
from tests.features.catalogue import START, dice, random_film, random_films
from tests.features.tables import attributes_of, both_tables, suspicious
from tests.films import ListSource, a_film, take_in
from tests.warehouse.contents import FACTS

LATER = date(2010, 1, 1)
# written anew by every replay; or what was kept, and not what is in force
NOT_IN_FORCE = {"people", "stale_films", "stale_histories"}


def dune(release_date: str | None = "2003-10-22", **fields: Any) -> Film:
    return a_film("Dune", release_date, **fields)


def told(*records: Film | Withdrawal, on: str, **kind: Any) -> IngestRun:
    return take_in(*records, source="tmdb", live=True, seen_on=date.fromisoformat(on), **kind)


def as_of(warehouse: Warehouse, day: str, columns: str = "release_date::text") -> list[Any]:
    """What is in force of the film as of that day."""
    refresh(date.fromisoformat(day))
    ((row),) = warehouse.rows(f"select {columns} from pel.films")
    return row[0] if len(row) == 1 else row


def cast(warehouse: Warehouse, day: str) -> list[str]:
    refresh(date.fromisoformat(day))
    return [
        name for (name,) in warehouse.rows("select name from pel.credits join pel.people using (person_id) order by 1")
    ]


def upcoming(warehouse: Warehouse, day: str) -> list[str]:
    titles = dict(warehouse.rows("select film_id, title from pel.films"))
    return [titles[film_id] for film_id in cut("publish", date.fromisoformat(day)).films()["film_id"]]


def in_force(warehouse: Warehouse) -> dict[str, list[tuple]]:
    """Every fact, and what follows from them, without the order in which rows lie."""
    tables = [*(set(FACTS) - NOT_IN_FORCE), "film_attributes", "temporal_deltas", "film_events", "suspicious_values"]
    rows: dict[str, list[tuple]] = {table: [] for table in tables}
    every = " union all ".join(f"select '{table}', t::text from pel.{table} t" for table in tables)
    for table, row in sorted(warehouse.rows(every)):
        rows[table].append(row)
    return rows


def test_the_past_sees_the_date_that_was_announced_then(warehouse: Warehouse) -> None:
    told(dune("2002-12-18"), on="2002-01-10")
    told(dune("2003-10-22"), on="2002-06-05")
    told(dune("2003-12-17"), on="2002-09-01")
    days = ["2002-01-09", "2002-01-10", "2002-06-04", "2002-06-05", "2002-08-31", "2002-09-01", "2010-01-01"]
    assert [as_of(warehouse, day) for day in days] == [
        "2002-12-18", "2002-12-18", "2002-12-18", "2003-10-22", "2003-10-22", "2003-12-17", "2003-12-17",
    ]  # fmt: skip


def test_the_past_sees_the_cast_and_the_budget_of_then(warehouse: Warehouse) -> None:
    told(dune(cast=["Timothée"], budget=10**6), on="2002-01-10")
    told(dune(cast=["Timothée", "Zendaya"], budget=10**8), on="2002-06-05")
    assert cast(warehouse, "2002-06-04") == ["Timothée"]
    assert attributes_of(warehouse, "Dune")["budget"] == 6
    assert cast(warehouse, "2002-06-05") == ["Timothée", "Zendaya"]
    assert attributes_of(warehouse, "Dune")["budget"] == 8
    assert cast(warehouse, "2002-06-04") == ["Timothée"]
    assert attributes_of(warehouse, "Dune")["budget"] == 6


def test_names_of_every_kind_are_those_of_then(warehouse: Warehouse) -> None:
    kinds = ["genres", "companies", "collections", "countries", "languages", "keywords"]
    told(dune(**{kind: [f"old {kind}"] for kind in kinds}), on="2002-01-10")
    told(dune(**{kind: [f"new {kind}"] for kind in kinds}), on="2002-06-05")
    keys = ["genre_id", "company_id", "collection_id", "country_id", "language_id", "keyword_id"]
    for day, age in (("2002-06-04", "old"), ("2002-06-05", "new"), ("2002-06-04", "old")):
        refresh(date.fromisoformat(day))
        for kind, key in zip(kinds, keys, strict=True):
            names = warehouse.rows(f"select name from pel.{kind} join pel.film_{kind} using ({key})")
            assert names == [(f"{age} {kind}",)]


def test_of_two_words_of_one_day_the_later_counts(warehouse: Warehouse) -> None:
    told(dune("2002-12-18"), on="2002-01-10")
    told(dune("2003-10-22"), on="2002-06-05")
    told(dune("2003-12-17"), on="2002-06-05")
    assert as_of(warehouse, "2002-06-04") == "2002-12-18"
    assert as_of(warehouse, "2002-06-05") == "2003-12-17"
    assert warehouse.rows("select count(*) from pel.film_records") == [(3,)]


def test_a_word_taken_back_on_the_same_day_changes_nothing(warehouse: Warehouse) -> None:
    told(dune("2002-12-18"), on="2002-01-10")
    told(dune("2003-10-22"), on="2002-06-05")
    told(dune("2002-12-18"), on="2002-06-05")
    days = ["2002-06-04", "2002-06-05", "2010-01-01"]
    assert [as_of(warehouse, day) for day in days] == ["2002-12-18"] * 3


def test_the_first_word_counts_for_all_time(warehouse: Warehouse) -> None:
    told(dune("1984-12-14", cast=["Kyle"]), on="2002-01-10")
    assert cast(warehouse, "1984-01-01") == ["Kyle"]


def test_another_source_s_later_word_takes_the_place_of_the_earlier(warehouse: Warehouse) -> None:
    take_in(dune("2002-12-18"), source="kaggle", seen_on=date(2002, 1, 10))
    take_in(dune("2003-10-22"), source="kaggle", seen_on=date(2002, 6, 5))
    assert as_of(warehouse, "2002-01-10") == "2003-10-22"


def test_what_was_known_before_the_release_stays_whatever_is_said_after_it(warehouse: Warehouse) -> None:
    told(dune(title="Dune", cast=["Timothée"], budget=10**6, genres=["Drama"]), on="2003-10-22")
    told(dune(title="Dune: Part One", cast=["Oscar"], budget=10**8, genres=["Hit"]), on="2003-10-23")
    for day in ("2003-10-22", "2003-10-23", "2010-01-01"):
        assert cast(warehouse, day) == ["Timothée"]
    row = attributes_of(warehouse, "Dune: Part One")  # but what it is called, and when it came out, is mended
    assert (row["budget"], row["genres"]) == (6, ["Drama"])


def test_a_word_of_the_day_of_release_still_counts(warehouse: Warehouse) -> None:
    told(dune(cast=["Timothée"]), on="2003-01-01")
    told(dune(cast=["Oscar"]), on="2003-10-22")
    assert cast(warehouse, "2010-01-01") == ["Oscar"]


def test_a_release_mended_after_it_counts_and_leaves_the_rest(warehouse: Warehouse) -> None:
    told(dune("2003-10-22", cast=["Timothée"]), on="2003-01-01")
    told(dune("2003-10-20", cast=["Oscar"]), on="2004-01-01")
    assert as_of(warehouse, "2003-12-31") == "2003-10-22"
    assert as_of(warehouse, "2004-01-01") == "2003-10-20"
    assert cast(warehouse, "2010-01-01") == ["Timothée"]


def test_a_film_first_seen_after_its_release_may_be_mended(warehouse: Warehouse) -> None:
    told(dune(cast=["Kyle"]), on="2004-01-01")
    told(dune(cast=["Kyle", "Sting"]), on="2004-06-01")
    assert cast(warehouse, "2004-05-31") == ["Kyle"]
    assert cast(warehouse, "2004-06-01") == ["Kyle", "Sting"]


def test_a_film_of_some_day_in_a_year_is_mended_until_that_year(warehouse: Warehouse) -> None:
    for day, actor in (("2002-12-30", "Kyle"), ("2003-01-01", "Sting"), ("2003-01-02", "Oscar")):
        told(dune("2003-12-31", release_precision="year", cast=[actor]), on=day)
    assert cast(warehouse, "2010-01-01") == ["Sting"]


def test_of_two_sources_each_keeps_its_own_past(warehouse: Warehouse) -> None:
    take_in(dune(ids=["tmdb:1"], genres=["Sci-Fi"], cast=["Kyle"]), source="kaggle")
    told(dune(ids=["tmdb:1"], cast=["Timothée"]), on="2002-01-10")
    told(dune("2003-12-17", ids=["tmdb:1"]), on="2002-06-05")
    assert cast(warehouse, "2002-06-04") == ["Timothée"]
    assert cast(warehouse, "2002-06-05") == ["Kyle"]
    assert attributes_of(warehouse, "Dune")["genres"] == ["Sci-Fi"]


def test_a_film_that_is_withdrawn_is_not_upcoming_and_keeps_its_row(warehouse: Warehouse) -> None:
    told(dune(cast=["Timothée"]), on="2003-01-01")
    assert upcoming(warehouse, "2003-02-01") == ["Dune"]
    assert told(Withdrawal(key="Dune"), on="2003-02-01").updated == 1
    assert upcoming(warehouse, "2003-02-01") == []
    assert warehouse.rows("select title, release_date from pel.films") == [("Dune", None)]
    assert warehouse.rows("select count(*) from pel.film_attributes") == [(0,)]
    assert upcoming(warehouse, "2003-01-31") == ["Dune"]


def test_a_film_that_is_withdrawn_twice_is_withdrawn(warehouse: Warehouse) -> None:
    told(dune(), on="2003-01-01")
    told(Withdrawal(key="Dune"), on="2003-02-01")
    run = told(Withdrawal(key="Dune"), Withdrawal(key="of a film we never had"), on="2003-03-01")
    assert (run.updated, run.inserted, run.rejected) == (0, 0, 0)
    assert upcoming(warehouse, "2003-01-31") == ["Dune"]
    assert upcoming(warehouse, "2003-02-01") == []


def test_a_film_that_is_withdrawn_may_come_back(warehouse: Warehouse) -> None:
    told(dune(), on="2003-01-01")
    told(Withdrawal(key="Dune"), on="2003-02-01")
    told(dune(), on="2003-03-01")
    days = ["2003-01-31", "2003-02-01", "2003-02-28", "2003-03-01"]
    assert [upcoming(warehouse, day) for day in days] == [["Dune"], [], [], ["Dune"]]


def test_a_film_that_one_source_withdraws_is_still_what_another_says(warehouse: Warehouse) -> None:
    told(dune(ids=["tmdb:1"]), on="2003-01-01")
    take_in(dune("2003-10-23", ids=["tmdb:1"]), source="wikidata")
    told(Withdrawal(key="Dune"), on="2003-02-01")
    assert as_of(warehouse, "2003-02-01") == "2003-10-23"


def test_a_complete_source_withdraws_what_it_does_not_tell_any_more(warehouse: Warehouse) -> None:
    told(dune(), a_film("Solaris", "2003-02-27"), on="2003-01-01", complete=True)
    assert told(a_film("Solaris", "2003-02-27"), on="2003-02-01", complete=True).updated == 1
    assert upcoming(warehouse, "2003-01-31") == ["Solaris", "Dune"]
    assert upcoming(warehouse, "2003-02-01") == ["Solaris"]


def test_an_incomplete_source_withdraws_nothing(warehouse: Warehouse) -> None:
    told(dune(), a_film("Solaris", "2003-02-27"), on="2003-01-01")
    assert told(a_film("Solaris", "2003-02-27"), on="2003-02-01").updated == 0
    assert upcoming(warehouse, "2003-02-01") == ["Solaris", "Dune"]


def test_a_complete_source_withdraws_no_film_of_another(warehouse: Warehouse) -> None:
    take_in(dune(), source="wikidata")
    told(a_film("Solaris", "2003-02-27"), on="2003-01-01", complete=True)
    assert upcoming(warehouse, "2003-01-01") == ["Solaris", "Dune"]


@pytest.mark.parametrize("table", ["box_office", "ratings"])
def test_observed_figures_are_kept_where_they_say_something_new(warehouse: Warehouse, table: str) -> None:
    for day, value in ((1, 5), (2, 5), (3, 7), (4, 7), (5, 5), (6, 5)):
        on = f"2004-01-0{day}"
        told(dune("2003-01-22", dollars=value * 10**6, rating=value, observed_on=on), on=on)
    assert warehouse.rows(f"select extract(day from observed_on)::int from pel.{table} order by 1") == [
        (1,),
        (3,),
        (5,),
    ]


@pytest.mark.parametrize("table", ["box_office", "ratings"])
def test_an_earlier_observation_that_comes_late_is_kept(warehouse: Warehouse, table: str) -> None:
    for on in ("2004-02-01", "2004-01-01"):
        told(dune("2003-01-22", dollars=10**6, rating=5, observed_on=on), on="2004-03-01")
    days = warehouse.rows(f"select observed_on from pel.{table} order by 1")
    assert days == [(date(2004, 1, 1),), (date(2004, 2, 1),)]


def test_new_figures_are_no_new_word_on_the_film(warehouse: Warehouse) -> None:
    for day in (1, 2, 3):
        told(dune(dollars=day * 10**6, rating=day, observed_on=f"2004-01-0{day}"), on=f"2004-01-0{day}")
    assert warehouse.rows("select count(*) from pel.film_records") == [(1,)]


def test_a_release_that_moved_moves_the_day_on_which_figures_settle(warehouse: Warehouse) -> None:
    told(dune("2003-10-22", dollars=10**6, rating=5), on="2003-01-01")
    told(dune("2003-11-22", dollars=10**6, rating=5), on="2003-02-01")
    settled = "select known_on from pel.box_office union all select known_on from pel.ratings"
    for day, release in (("2010-01-01", date(2003, 11, 22)), ("2003-01-31", date(2003, 10, 22))):
        refresh(date.fromisoformat(day))
        assert warehouse.rows(settled) == [(release + timedelta(180),)] * 2


def random_history(seed: int) -> None:
    """Films of two sources, one of them live and of another mind every few weeks."""
    rng = dice(seed)
    take_in(*random_films(rng, 60), source="kaggle")
    take_in(*random_films(rng, 80), source="tmdb", live=True, seen_on=START)
    for day in range(30, 600, 90):
        said = [random_film(rng, n) for n in rng.sample(range(80), 12)]
        gone = [Withdrawal(key=f"film {n}") for n in rng.sample(range(80), 2)]
        known = {record.key: record for record in [*said, *gone]}
        take_in(*known.values(), source="tmdb", live=True, seen_on=START + timedelta(day))


@pytest.mark.parametrize("seed", range(2))
def test_looking_back_and_forth_gives_identical_tables(warehouse: Warehouse, seed: int) -> None:
    random_history(seed)
    days = [START + timedelta(n) for n in (100, 250, 400, 900)]
    first = {}
    for day in days:
        refresh(day)
        first[day] = in_force(warehouse)
    assert len({str(tables["films"]) for tables in first.values()}) == len(days)
    rng = dice(seed)
    for day in rng.choices(days, k=6):
        refresh(day)
        again = in_force(warehouse)
        assert {name for name in again if again[name] != first[day][name]} == set()


@pytest.mark.parametrize("seed", range(2))
def test_the_past_is_what_a_warehouse_saw_that_stopped_listening_then(warehouse: Warehouse, seed: int) -> None:
    rng = dice(seed)
    films = random_films(rng, 80)
    day = START + timedelta(250)
    words = [
        (START + timedelta(n), [reworded(films[m], random_film(rng, m)) for m in rng.sample(range(80), 15)])
        for n in (60, 120, 180, 250, 251, 300, 400)
    ]
    before: tuple = ()

    take_in(*films, source="tmdb", live=True, seen_on=START - timedelta(100))
    for seen_on, said in words:
        if seen_on > day and not before:
            refresh(day)
            before = both_tables(warehouse), suspicious(warehouse)
        take_in(*said, source="tmdb", live=True, seen_on=seen_on)
    refresh(LATER)
    assert both_tables(warehouse) != before[0]
    refresh(day)
    assert (both_tables(warehouse), suspicious(warehouse)) == before


def reworded(film: Film, other: Film) -> Film:
    """What is said of a film changes, but not its figures: these have no day on which they were said."""
    return other.model_copy(update={"rating": film.rating, "box_office": film.box_office})


def test_a_word_that_waits_for_the_checks_is_let_in_by_no_refresh(warehouse: Warehouse) -> None:
    told(dune(cast=["Patrick Stewart"]), on="2002-01-10")
    assert cast(warehouse, "2002-02-01") == ["Patrick Stewart"]
    waiting = ListSource([dune(cast=["Sting"])], "tmdb", live=True)
    ingest(waiting, settle_days=180, seen_on=date(2002, 2, 2))
    assert cast(warehouse, "2002-02-03") == ["Patrick Stewart"]
    resolve(settle_days=180)
    assert cast(warehouse, "2002-02-03") == ["Sting"]


def test_looking_from_the_same_past_again_computes_nothing_again(warehouse: Warehouse) -> None:
    told(dune(cast=["Patrick Stewart"]), on="2002-01-10")
    told(dune(cast=["Sting"]), on="2002-02-02")
    assert refresh(date(2002, 2, 1)) == (1, 1)
    assert refresh(date(2002, 2, 1)) == (0, 0)
