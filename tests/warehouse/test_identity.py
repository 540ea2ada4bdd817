"""Which records speak of one film: by their ids; else by title, year and director."""

import csv
from pathlib import Path
from typing import Any

import pytest

from pel.sources import Film
from pel.sources.corrections import COLUMNS, CorrectionsSource
from pel.warehouse.ingest import ingest
from pel.warehouse.resolve import resolve
from tests.conftest import Warehouse
from tests.films import ListSource, a_film, take_in

AMELIE: dict[str, Any] = {"title": "Amélie", "release_date": "2001-04-25", "directors": ["Jean-Pierre Jeunet"]}


def films_of(warehouse: Warehouse) -> list[set[tuple[str, str]]]:
    """For every film, in their order, by which sources and under which keys it is known."""
    films: dict[int, set[tuple[str, str]]] = {}
    told = "select film_id, source, source_key from pel.film_records where valid_until = 'infinity' order by film_id"
    for film_id, source, key in warehouse.rows(told):
        films.setdefault(film_id, set()).add((source, key))
    assert warehouse.rows("select count(*) from pel.films") == [(len(films),)]
    return list(films.values())


ONE = [{("tmdb", "1"), ("wikidata", "Q1")}]
TWO = [{("tmdb", "1")}, {("wikidata", "Q1")}]


def test_a_common_id_makes_one_film_whatever_else_they_say(warehouse: Warehouse) -> None:
    take_in(a_film("1", "2001-04-25", ids=["tmdb:194", "imdb:tt0211915"]), source="tmdb")
    take_in(a_film("Q1", "1999-01-01", ids=["wikidata:Q484048", "imdb:tt0211915"]), source="wikidata")
    assert films_of(warehouse) == ONE


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({}, id="to the letter"),
        pytest.param({"title": "AMELIE"}, id="without accent, in capitals"),
        pytest.param({"title": "Ame\u0301lie!"}, id="accent apart, punctuation"),
        pytest.param({"directors": ["jean pierre jeunet"]}, id="the director spelled otherwise"),
        pytest.param({"directors": ["Marc Caro", "Jean-Pierre Jeunet"]}, id="one director in common"),
        pytest.param({"release_date": "2001-12-31", "release_precision": "year"}, id="known to the year"),
        pytest.param({"release_date": "2001-01-01"}, id="another day of that year"),
        pytest.param({"ids": ["wikidata:Q484048"]}, id="with an id of another catalogue"),
    ],
)
def test_title_year_and_director_make_one_film(warehouse: Warehouse, other: dict[str, Any]) -> None:
    take_in(a_film("1", **AMELIE, ids=["tmdb:194"]), source="tmdb")
    take_in(a_film("Q1", **AMELIE | other), source="wikidata")
    assert films_of(warehouse) == ONE


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"directors": ["Luc Besson"]}, id="another director"),
        pytest.param({"directors": []}, id="no director"),
        pytest.param({"title": "Amélie 2"}, id="another title"),
        pytest.param({"release_date": "2002-04-25"}, id="another year"),
        pytest.param({"release_date": None}, id="no year"),
        pytest.param({"ids": ["tmdb:195"]}, id="another number in the same catalogue"),
    ],
)
def test_what_differs_in_one_of_them_is_another_film(warehouse: Warehouse, other: dict[str, Any]) -> None:
    take_in(a_film("1", **AMELIE, ids=["tmdb:194"]), source="tmdb")
    take_in(a_film("Q1", **AMELIE | other), source="wikidata")
    assert films_of(warehouse) == TWO


def test_a_title_without_a_letter_that_compares_is_no_reason_to_merge(warehouse: Warehouse) -> None:
    take_in(a_film("1", **AMELIE | {"title": "!!!"}), source="tmdb")
    take_in(a_film("Q1", **AMELIE | {"title": "???"}), source="wikidata")
    assert films_of(warehouse) == TWO


@pytest.mark.parametrize("title", ["千と千尋の神隠し", "Волга-Волга"])
def test_titles_of_any_script_are_compared(warehouse: Warehouse, title: str) -> None:
    take_in(a_film("1", **AMELIE | {"title": title}), source="tmdb")
    take_in(a_film("Q1", **AMELIE | {"title": title}), source="wikidata")
    take_in(a_film("Q2", **AMELIE | {"title": title[:-1]}), source="wikidata")
    assert films_of(warehouse) == [*ONE, {("wikidata", "Q2")}]


@pytest.mark.parametrize("ids", [["tmdb:194"], []], ids=["with a common id", "without"])
@pytest.mark.parametrize("at_once", [True, False])
def test_one_source_never_merges_two_of_its_own(warehouse: Warehouse, ids: list[str], at_once: bool) -> None:
    films = [a_film(key, **AMELIE, ids=ids) for key in ("1", "2")]
    for records in [films] if at_once else [[film] for film in films]:
        take_in(*records, source="tmdb")
    assert films_of(warehouse) == [{("tmdb", "1")}, {("tmdb", "2")}]


def test_of_two_records_of_a_source_one_is_the_film_known_from_another(warehouse: Warehouse) -> None:
    take_in(a_film("1", **AMELIE, ids=["tmdb:194"]), source="tmdb")
    take_in(a_film("Q2", **AMELIE), a_film("Q1", **AMELIE, ids=["tmdb:194"]), source="wikidata")
    assert films_of(warehouse) == [*ONE, {("wikidata", "Q2")}]


def test_three_sources_make_one_film_through_the_one_between(warehouse: Warehouse) -> None:
    take_in(a_film("1", ids=["tmdb:194"]), source="tmdb")
    take_in(a_film("Q1", ids=["tmdb:194", "imdb:tt0211915"]), source="wikidata")
    take_in(a_film("movie", ids=["imdb:tt0211915"]), source="kaggle")
    assert films_of(warehouse) == [{("tmdb", "1"), ("wikidata", "Q1"), ("kaggle", "movie")}]


def test_an_id_that_comes_later_leads_the_next_source_to_the_film(warehouse: Warehouse) -> None:
    take_in(a_film("1", "2001-04-25"), source="tmdb")
    take_in(a_film("1", "2001-04-25", ids=["imdb:tt0211915"]), source="tmdb")
    take_in(a_film("Q1", "1999-01-01", ids=["imdb:tt0211915"]), source="wikidata")
    assert films_of(warehouse) == ONE


def test_an_id_that_comes_too_late_leaves_both_films_as_they_are(warehouse: Warehouse) -> None:
    take_in(a_film("1", "2001-04-25", ids=["imdb:tt0211915"]), source="tmdb")
    take_in(a_film("Q1", "1999-01-01"), source="wikidata")
    take_in(a_film("Q1", "1999-01-01", ids=["imdb:tt0211915"]), source="wikidata")
    assert films_of(warehouse) == TWO


def test_a_film_keeps_its_number_whatever_becomes_of_its_title(warehouse: Warehouse) -> None:
    take_in(a_film("1", **AMELIE), source="tmdb")
    take_in(a_film("Q1", **AMELIE), source="wikidata")
    take_in(a_film("Q1", **AMELIE | {"title": "Le Fabuleux Destin", "directors": []}), source="wikidata")
    assert films_of(warehouse) == ONE


def test_a_film_that_still_waits_for_the_checks_is_found_by_its_title(warehouse: Warehouse) -> None:
    for source, key in (("tmdb", "1"), ("wikidata", "Q1")):
        ingest(ListSource([a_film(key, **AMELIE)], source), settle_days=180)
    resolve(settle_days=180)
    assert films_of(warehouse) == ONE


def test_a_film_that_still_waits_for_the_checks_is_found_by_its_ids(warehouse: Warehouse) -> None:
    for source, key in (("tmdb", "1"), ("wikidata", "Q1")):
        ingest(ListSource([a_film(key, ids=["tmdb:194"])], source), settle_days=180)
    resolve(settle_days=180)
    assert films_of(warehouse) == ONE


def test_people_are_told_apart_by_their_keys_and_else_by_their_names(warehouse: Warehouse) -> None:
    def played_by(key: str, *cast: dict[str, str]) -> Film:
        return a_film(key).model_copy(
            update={"cast": Film.model_validate({"key": key, "title": key, "cast": cast}).cast}
        )

    steves = [{"name": "Steve McQueen", "key": "tmdb:13565"}, {"name": "Steve McQueen", "key": "tmdb:72983"}]
    take_in(played_by("Bullitt", steves[0]), played_by("Hunger", steves[1]), played_by("Papillon", steves[0]))
    take_in(played_by("The Blob", {"name": "Steve McQueen"}), source="wikidata")
    films = "select person_key, count(*) from pel.people join pel.credits using (person_id) group by 1 order by 1"
    assert warehouse.rows(films) == [
        ("name:Steve McQueen", 1), ("tmdb:13565", 2), ("tmdb:72983", 1),
    ]  # fmt: skip


def test_a_correction_makes_no_film(warehouse: Warehouse, tmp_path: Path) -> None:
    file = tmp_path / "corrections.csv"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([COLUMNS, ["tmdb:194", "budget", "unknown", "a guess"]])
    source = CorrectionsSource(str(file))
    assert ingest(source, settle_days=180).rejected_by_reason == {"key": 1}
    take_in(a_film("1", ids=["tmdb:194"], budget=10**6), source="tmdb")
    assert ingest(source, settle_days=180).inserted == 1
    resolve(settle_days=180)
    assert films_of(warehouse) == [{("tmdb", "1"), ("corrections", "tmdb:194")}]
