"""X_t: a film sees earlier films, and only what was known of them by its own release."""

import math
import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pel.features.films import refresh
from pel.sources import Film
from pel.sources.records import BoxOffice, Rating
from tests.conftest import Warehouse
from tests.features.catalogue import START, a_user_rating, dice, random_film, random_films, random_user_ratings
from tests.features.reference import KINDS, Facts
from tests.features.tables import attributes, attributes_of, suspicious
from tests.films import a_film, take_in

LATER = date(2010, 1, 1)
ANN: dict[str, Any] = {"directors": ["Ann"], "cast": ["Ann"], "collections": ["Ann's"], "companies": ["Ann & Co."]}
SUBJECT = a_film("Subject", "2002-06-01", **ANN)


def by_ann(release_date: str | None, **fields: Any) -> Film:
    return a_film("Other", release_date, **ANN, budget=10**5, **fields)


def what_subject_sees(warehouse: Warehouse, *others: Film, as_of: date = LATER) -> dict[str, float | None]:
    take_in(SUBJECT, *others)
    refresh(as_of)
    row = attributes_of(warehouse, "Subject")
    director, *others_ = ({name: row[f"{kind}_{name}"] for name in NOTHING} for kind in KINDS)
    assert others_ == [director] * 3
    money = {name: row[f"director_{name}"] for name in ("total", "return")}
    made = director["box_office"]
    assert money == pytest.approx({"total": made, "return": None if made is None else made - 5})
    return director


NOTHING = {"films": 0, "box_office_films": 0, "box_office": None, "rating": None, "budget": None, "best": None}
FILM_ALONE = NOTHING | {"films": 1, "budget": 5, "best": 6.8}
WITH_RATING = FILM_ALONE | {"rating": 8}
WITH_FIGURES = WITH_RATING | {"box_office_films": 1, "box_office": 3, "best": pytest.approx((3 + 2 * 6.8) / 3)}
FIGURES: dict[str, Any] = {"dollars": 1000, "rating": 8}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(by_ann("2002-06-02"), id="a film of the day after"),
        pytest.param(by_ann("2002-06-01"), id="a film of the same day"),
        pytest.param(by_ann("2002-06-30", release_precision="month"), id="a film of that month, perhaps later"),
        pytest.param(by_ann("2002-12-31", release_precision="year"), id="a film of that year, perhaps later"),
        pytest.param(by_ann("2002-06-03", observed_on="2002-01-01", **FIGURES), id="a later film, noted early"),
        pytest.param(by_ann(None, observed_on="2002-01-01", **FIGURES), id="a film without a date"),
    ],
)
def test_a_film_that_may_not_have_been_out_is_not_seen(warehouse: Warehouse, other: Film) -> None:
    assert what_subject_sees(warehouse, other) == NOTHING


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(by_ann("2002-05-31", observed_on="2002-06-02", **FIGURES), id="noted the day after"),
        pytest.param(by_ann("2002-05-31", **FIGURES), id="settled half a year later"),
        pytest.param(by_ann("2001-12-31", release_precision="year", **FIGURES), id="settled after its last day"),
    ],
)
def test_a_figure_that_was_not_known_is_not_seen(warehouse: Warehouse, other: Film) -> None:
    assert what_subject_sees(warehouse, other) == FILM_ALONE


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(by_ann("2001-05-31", observed_on="2002-06-01", **FIGURES), id="noted on the day of release"),
        pytest.param(by_ann("2001-12-03", observed_on="2001-12-31", **FIGURES), id="noted before, settled that day"),
        pytest.param(by_ann("2001-12-03", **FIGURES), id="settled on the day of release"),
        pytest.param(by_ann("2000-12-31", release_precision="year", **FIGURES), id="of an earlier year"),
    ],
)
def test_a_figure_that_was_known_is_seen(warehouse: Warehouse, other: Film) -> None:
    assert what_subject_sees(warehouse, other) == WITH_FIGURES


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(by_ann("2002-05-31", observed_on="2002-06-01", **FIGURES), id="noted on the day of release"),
        pytest.param(by_ann("2002-05-31", observed_on="2001-01-01", **FIGURES), id="noted before its own release"),
        pytest.param(by_ann("2001-12-04", observed_on="2001-12-31", **FIGURES), id="a running total"),
    ],
)
def test_a_rating_counts_from_its_day_and_a_box_office_once_it_has_settled(warehouse: Warehouse, other: Film) -> None:
    assert what_subject_sees(warehouse, other) == WITH_RATING


def test_a_figure_without_a_day_counts_until_there_is_one_with(warehouse: Warehouse) -> None:
    take_in(by_ann("2001-01-01", ids=["tmdb:1"], **FIGURES), source="kaggle")
    take_in(by_ann("2001-01-01", ids=["tmdb:1"], observed_on="2002-03-01", dollars=10**4, rating=2), source="tmdb")
    take_in(SUBJECT)
    assert what_subject_sees(warehouse, as_of=date(2002, 2, 28)) == WITH_FIGURES
    newer = WITH_FIGURES | {"box_office": 4, "rating": 2, "best": pytest.approx((4 + 2 * 6.8) / 3)}
    assert what_subject_sees(warehouse, as_of=date(2002, 3, 1)) == newer
    assert what_subject_sees(warehouse) == newer


def test_a_figure_without_a_day_never_counts_after_one_with(warehouse: Warehouse) -> None:
    take_in(by_ann("2001-01-01", ids=["tmdb:1"], dollars=10**4, rating=2), source="tmdb")
    take_in(by_ann("2001-01-01", ids=["tmdb:1"], observed_on="2001-06-30", **FIGURES), source="kaggle")
    assert what_subject_sees(warehouse) == WITH_FIGURES


def test_of_two_figures_of_one_day_the_more_trusted_counts(warehouse: Warehouse) -> None:
    take_in(by_ann("2001-01-01", ids=["tmdb:1"], dollars=10**4, rating=2), source="kaggle")
    take_in(by_ann("2001-01-01", ids=["tmdb:1"], **FIGURES), source="tmdb")
    assert what_subject_sees(warehouse) == WITH_FIGURES


def test_a_later_figure_does_not_take_the_place_of_the_one_known_then(warehouse: Warehouse) -> None:
    take_in(by_ann("2001-01-01", observed_on="2001-07-01", dollars=10**5, rating=2))
    take_in(by_ann("2001-01-01", observed_on="2002-06-01", **FIGURES))
    take_in(by_ann("2001-01-01", observed_on="2002-06-02", dollars=10**9, rating=10))
    assert what_subject_sees(warehouse) == pytest.approx(WITH_FIGURES)


def test_an_upcoming_film_looks_from_today(warehouse: Warehouse) -> None:
    other = by_ann("2001-05-31", observed_on="2002-02-01", **FIGURES)
    assert what_subject_sees(warehouse, other, as_of=date(2002, 1, 31)) == FILM_ALONE
    assert what_subject_sees(warehouse, other, as_of=date(2002, 2, 1)) == WITH_FIGURES
    assert what_subject_sees(warehouse, other, as_of=date(2001, 5, 31)) == NOTHING


def test_a_film_of_some_day_in_a_year_looks_from_the_first(warehouse: Warehouse) -> None:
    take_in(a_film("Subject", "2002-12-31", release_precision="year", directors=["Ann"]), by_ann("2002-01-01"))
    take_in(a_film("Earlier", "2001-12-31", release_precision="day", directors=["Ann"]))
    refresh(LATER)
    row = attributes_of(warehouse, "Subject")
    assert (row["known_at"], row["director_films"], row["release_week"]) == (date(2002, 1, 1), 1, None)


def test_what_a_film_returned_in_sum_and_at_best(warehouse: Warehouse) -> None:
    take_in(
        a_film("Hit", "2000-01-01", cast=["Ann"], budget=10**6, dollars=10**8),
        a_film("Flop", "2001-01-01", cast=["Ann", "Bob"], budget=10**7, dollars=10**6),
        a_film("Cheap", "2001-06-01", cast=["Bob"], dollars=10**4),
        a_film("Subject", "2002-01-01", cast=["Ann", "Bob", "Cyd"]),
    )
    refresh(LATER)
    row = attributes_of(warehouse, "Subject")
    assert {name: row[f"cast_{name}"] for name in ("budget", "return", "total", "best", "days")} == pytest.approx({
        "budget": (6 + 7 + 7) / 3,
        "return": (2 - 1 - 1) / 3,
        "total": math.log10(10**8 + 2 * 10**6 + 10**4),
        "best": (8 + 6 + 2 * 6.8) / 4,
        "days": (date(2002, 1, 1) - date(2001, 6, 1)).days,
    })  # fmt: skip


def test_that_a_film_has_a_collection_does_not_show_before_the_collection_has_a_film(warehouse: Warehouse) -> None:
    take_in(
        a_film("First", "2001-01-01", collections=["Hits"], directors=["Ann"], cast=["Ann"], companies=["Ann & Co."]),
        a_film("Lone", "2001-01-01", companies=["Bob & Co."]),
    )
    refresh(LATER)
    first, lone = (attributes_of(warehouse, title) for title in ("First", "Lone"))
    assert first == lone


def test_directing_and_acting_are_two_track_records(warehouse: Warehouse) -> None:
    take_in(
        a_film("Played in", "2001-01-02", cast=["Ann"], rating=4),
        a_film("Directed", "2001-01-03", directors=["Ann"], rating=8),
        SUBJECT,
    )
    refresh(LATER)
    row = attributes_of(warehouse, "Subject")
    assert (row["director_rating"], row["cast_rating"]) == (8, 4)


def assert_equal_to_reference(
    warehouse: Warehouse, as_of: date, only: Callable[[Facts], list[int]] | None = None
) -> None:
    refresh(as_of)
    facts = Facts(warehouse)
    assert suspicious(warehouse) == sorted(facts.suspicious(as_of))
    rows = attributes(warehouse)
    for film_id in only(facts) if only else [film_id for film_id, film in facts.films.items() if film.release_date]:
        row, expected = rows[film_id], facts.attributes(film_id, as_of)
        different = {name: (row[name], expected[name]) for name in row if not alike(row[name], expected[name])}
        assert different == {}, f"film {film_id} as of {as_of}"
        assert row.keys() == expected.keys()


def alike(value: Any, expected: Any) -> bool:
    if isinstance(value, int | float) and isinstance(expected, int | float):
        return math.isclose(value, expected, rel_tol=1e-12, abs_tol=1e-12)
    return bool(value == expected)


@pytest.mark.parametrize("as_of", [date(2014, 1, 1), date(2009, 7, 15)])
def test_films_of_the_demo_equal_the_reference(demo_facts: Warehouse, as_of: date) -> None:
    def some(facts: Facts) -> list[int]:
        rng = dice(as_of.year)
        upcoming = {film_id for film_id, film in facts.films.items() if film.release_date and film.release_date > as_of}
        out = set(facts.films) - upcoming
        return rng.sample(sorted(out), 40) + rng.sample(sorted(upcoming), 20)

    assert_equal_to_reference(demo_facts, as_of, some)


@pytest.mark.parametrize("seed", range(3))
def test_random_films_equal_the_reference(warehouse: Warehouse, seed: int) -> None:
    rng = dice(seed)
    for _ in range(2):  # figures are noted more than once
        take_in(*random_films(rng, 120), source="kaggle")
        take_in(*rng.sample(random_films(rng, 120), 60), source="tmdb")
    take_in(user_ratings=random_user_ratings(rng, 40, 400), source="movielens")
    caught = set()
    for day in (1000, 250, rng.randrange(100, 1000)):
        assert_equal_to_reference(warehouse, START + timedelta(day))
        caught |= {rule for *_, rule in suspicious(warehouse)}
    assert len(caught) >= 4, "the films are too plausible to test anything"


def changed_after(film: Film, day: date, rng: random.Random) -> Film | None:
    """The film with what came after that day changed; None if nothing did."""
    later = day + timedelta(rng.randrange(1, 200))
    if film.release_date and film.release_date > day:
        other = random_film(rng, number(film))
        return other.model_copy(update={"release_date": later, "release_precision": "day"})
    figures: dict[str, Any] = {}
    if film.rating and film.rating.observed_on:
        figures["rating"] = Rating(value=Decimal(1), observed_on=later)
    if film.box_office and film.box_office.observed_on:
        figures["box_office"] = BoxOffice(dollars=rng.randrange(10**6, 10**9), observed_on=later)
    return film.model_copy(update=figures) if figures else None


def number(film: Film) -> int:
    return int(film.key.removeprefix("film "))


@pytest.mark.parametrize("seed", range(3))
def test_no_film_sees_what_happened_after_it(warehouse: Warehouse, seed: int) -> None:
    rng = dice(seed)
    films = random_films(rng, 150)
    day = START + timedelta(250)
    early = [a_user_rating(rng.randrange(150), START + timedelta(rng.randrange(250)), 9) for _ in range(200)]
    take_in(*films)
    take_in(user_ratings=early, source="movielens")
    refresh(LATER)
    before = attributes(warehouse)
    changed = [film for film in (changed_after(film, day, rng) for film in films) if film]
    assert len(changed) > 40
    take_in(*changed, *(random_film_after(day, rng, 200 + n) for n in range(20)))
    take_in(user_ratings=[*early, *(a_user_rating(n, next_month(day), 1) for n in range(150))], source="movielens")
    refresh(LATER)
    after = attributes(warehouse)
    moved = {film.key for film in changed if film.release_date and film.release_date > day}
    keys = dict(warehouse.rows("select film_id, title from pel.films"))
    settled = [film_id for film_id, row in before.items() if row["known_at"] <= day and keys[film_id] not in moved]
    assert len(settled) > 30
    assert {film_id: after[film_id] for film_id in settled} == {film_id: before[film_id] for film_id in settled}


def random_film_after(day: date, rng: random.Random, n: int) -> Film:
    later = {"release_date": day + timedelta(rng.randrange(1, 200)), "release_precision": "day"}
    return random_film(rng, n).model_copy(update=later)


def next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(32)).replace(day=1)


@pytest.mark.parametrize("seed", range(2))
def test_no_film_sees_what_a_live_source_said_of_others_later(warehouse: Warehouse, seed: int) -> None:
    rng = dice(seed)
    films = random_films(rng, 120)
    day = START + timedelta(250)
    live: dict[str, Any] = {"source": "tmdb", "live": True}
    take_in(*films, **live, seen_on=START - timedelta(1))
    refresh(day)
    before = attributes(warehouse)
    said = [reworded(film, rng) for film in rng.sample(films, 60)]
    take_in(*said, **live, seen_on=day + timedelta(1))
    refresh(LATER)
    assert attributes(warehouse) != before
    refresh(day)
    assert attributes(warehouse) == before


def reworded(film: Film, rng: random.Random) -> Film:
    """Another word on the film, but for its figures: these carry their own days."""
    return random_film(rng, number(film)).model_copy(update={"rating": film.rating, "box_office": film.box_office})
