"""Cuts: the films of a purpose, as they were known on a day."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pel.features.films import HORIZON_DAYS, LEAST_DOLLARS, Purpose, cut, days, read_csv
from pel.sources.records import Rating
from tests.conftest import Warehouse
from tests.features.catalogue import START, dice, random_films
from tests.features.reference import Facts
from tests.films import a_film, take_in

AS_OF = date(2002, 6, 1)
SETTLED: dict[str, Any] = {"directors": ["Ann"], "genres": ["Drama", "Crime"], "dollars": 10**6, "rating": 7.5}


def keys(warehouse: Warehouse, purpose: Purpose, as_of: date = AS_OF) -> list[str]:
    """The films of the cut by their keys, in its order."""
    names = dict(warehouse.rows("select film_id, title from pel.films"))
    return [names[film_id] for film_id in cut(purpose, as_of).films()["film_id"]]


def labels(warehouse: Warehouse, purpose: Purpose, as_of: date = AS_OF) -> dict[str, float]:
    return dict(zip(keys(warehouse, purpose, as_of), cut(purpose, as_of).films()["label"], strict=True))


# when the film of 2001-05-25 is rated, and when its running total has settled
PURPOSES_AND_FIRST_DAYS: list[tuple[Purpose, date]] = [
    ("pretrain", date(2001, 7, 1)),
    ("finetune", date(2001, 5, 25) + timedelta(180)),
]


@pytest.mark.parametrize("purpose", ["pretrain", "finetune", "publish"])
def test_the_same_date_on_the_same_data_gives_the_same_rows(warehouse: Warehouse, purpose: Purpose) -> None:
    take_in(*random_films(dice(0), 150))
    as_of = START + timedelta(300)
    before = cut(purpose, as_of)
    cut(purpose, START + timedelta(500))
    assert cut(purpose, as_of).sha256 == before.sha256
    assert len(before.films()) > 10


def test_a_film_that_hardly_had_a_release_is_not_learned_from(warehouse: Warehouse) -> None:
    for dollars in (LEAST_DOLLARS - 1, LEAST_DOLLARS):
        take_in(a_film(f"Film {dollars}", "2000-05-25", **SETTLED | {"dollars": dollars}))
    assert keys(warehouse, "finetune") == [f"Film {LEAST_DOLLARS}"]


def test_other_rows_have_another_fingerprint(warehouse: Warehouse) -> None:
    take_in(a_film("Alien", "2000-05-25", **SETTLED))
    before = cut("finetune", AS_OF).sha256
    take_in(a_film("Alien", "2000-05-25", **SETTLED | {"dollars": 10**6 + 1}))
    assert cut("finetune", AS_OF).sha256 != before


def test_a_cut_brings_the_features_up_to_date_itself(warehouse: Warehouse) -> None:
    take_in(a_film("Earlier", "2000-01-02", **SETTLED), a_film("Later", "2001-10-01", **SETTLED))
    films = cut("finetune", AS_OF).films()
    assert films["director_films"].tolist() == [0, 1]
    assert films["director_box_office"].iloc[1] == pytest.approx(6)


def test_a_label_is_the_newest_figure_known_by_then(warehouse: Warehouse) -> None:
    for day, dollars, rating in (("2001-07-01", 10**6, 6), ("2002-06-01", 10**7, 7), ("2002-06-02", 10**8, 8)):
        take_in(a_film("Alien", "2001-05-25", dollars=dollars, rating=rating, observed_on=day))
    for purpose, first_day in PURPOSES_AND_FIRST_DAYS:
        assert labels(warehouse, purpose) == {"Alien": 7}
        assert labels(warehouse, purpose, first_day) == {"Alien": 6}
        assert labels(warehouse, purpose, first_day - timedelta(1)) == {}


def test_a_label_is_that_of_the_most_trusted_source(warehouse: Warehouse) -> None:
    for source, exponent in (("kaggle", 5), ("tmdb", 6), ("wikidata", 7)):
        take_in(a_film("Alien", "2001-05-25", ids=["tmdb:348"], dollars=10**exponent, rating=exponent), source=source)
    assert labels(warehouse, "finetune") == labels(warehouse, "pretrain") == {"Alien": 6}


def test_a_suspicious_figure_is_no_label(warehouse: Warehouse) -> None:
    take_in(a_film("Alien", "2001-05-25", ids=["tmdb:348"], dollars=999), source="tmdb")
    assert labels(warehouse, "finetune") == {}
    take_in(a_film("Alien", "2001-05-25", ids=["tmdb:348"], dollars=10**6), source="kaggle")
    assert labels(warehouse, "finetune") == {"Alien": 6}


def test_only_a_figure_known_by_then_lets_a_film_in(warehouse: Warehouse) -> None:
    as_of_the_release = (AS_OF - timedelta(180)).isoformat()
    a_day_later = (AS_OF - timedelta(179)).isoformat()
    take_in(a_film("settled", as_of_the_release, **SETTLED), a_film("not settled", a_day_later, **SETTLED))
    assert keys(warehouse, "finetune") == ["settled"]
    assert keys(warehouse, "pretrain") == ["settled"]


def test_a_film_that_is_not_out_has_no_label_even_if_it_is_rated(warehouse: Warehouse) -> None:
    for key, day in (("of today", "2002-06-01"), ("of tomorrow", "2002-06-02"), ("of yesterday", "2002-05-31")):
        rated_before = {"value": 9, "observed_on": "2002-01-01"}
        take_in(a_film(key, day, dollars=10**6).model_copy(update={"rating": Rating(**rated_before)}), settle_days=0)
    assert keys(warehouse, "pretrain") == ["of yesterday"]
    assert keys(warehouse, "finetune") == ["of yesterday"]


def test_a_film_without_a_date_is_in_no_cut(warehouse: Warehouse) -> None:
    take_in(a_film("Untitled", rating=9, dollars=5, observed_on="2002-01-01"))
    assert keys(warehouse, "pretrain") == keys(warehouse, "finetune") == keys(warehouse, "publish") == []


def test_films_are_published_from_tomorrow_up_to_the_horizon(warehouse: Warehouse) -> None:
    for day in (0, 1, HORIZON_DAYS, HORIZON_DAYS + 1):
        take_in(a_film(f"in {day} days", (AS_OF + timedelta(day)).isoformat()))
    take_in(a_film("some day of this year", "2002-12-31", release_precision="year"))
    assert keys(warehouse, "publish") == ["in 1 days", "some day of this year", f"in {HORIZON_DAYS} days"]


def test_a_film_with_a_running_total_still_gets_a_forecast(warehouse: Warehouse) -> None:
    take_in(
        a_film("not out", "2002-12-31", release_precision="year"),
        a_film("perhaps out", "2002-12-31", release_precision="year", dollars=10**6, observed_on="2002-05-01"),
    )
    assert keys(warehouse, "publish") == ["not out", "perhaps out"]
    assert keys(warehouse, "finetune") == []


def test_the_cuts_of_the_demo_hold_what_they_promise(demo_facts: Warehouse) -> None:
    as_of = date(2013, 6, 1)
    at_least: dict[Purpose, int] = {"pretrain": 14_000, "finetune": 2_300}
    for purpose, rows in at_least.items():
        films = cut(purpose, as_of).films()
        assert len(films) > rows
        assert (films["known_on"] <= pd.Timestamp(as_of)).all()
        assert (films["release_date"] < pd.Timestamp(as_of)).all()
    films = cut("publish", as_of).films()
    assert len(films) > 500
    assert films["release_date"].between(pd.Timestamp("2013-06-02"), pd.Timestamp("2014-06-01")).all()
    assert films["label"].isna().all()


def test_films_come_in_their_order(demo_facts: Warehouse) -> None:
    films = cut("finetune", date(2013, 6, 1)).films()
    ordered = films.sort_values(["release_date", "film_id"], ignore_index=True)
    assert films["film_id"].tolist() == ordered["film_id"].tolist()


def test_numbers_arrive_to_the_last_bit(demo_facts: Warehouse) -> None:
    films = cut("finetune", date(2013, 6, 1)).films().set_index("film_id")
    kept = demo_facts.rows("select film_id, cast_rating, cast_box_office from pel.film_attributes")
    kept = [row for row in kept if row[0] in films.index]
    for place, name in ((1, "cast_rating"), (2, "cast_box_office")):
        expected = np.array([row[place] for row in kept], dtype=float)
        np.testing.assert_array_equal(films.loc[[row[0] for row in kept], name].to_numpy(), expected)


@pytest.mark.parametrize(
    "genres", [["NA"], ["nan"], ["null"], ["None"], ["a, b", 'the "c"'], ["Épopée", "歴史"], ["A|B"], []]
)
def test_genres_are_text_whatever_they_look_like(warehouse: Warehouse, genres: list[str]) -> None:
    take_in(a_film("Alien", "2000-05-25", dollars=10**6, genres=genres))
    assert cut("finetune", AS_OF).films()["genres"].tolist() == [sorted(genres)]


@pytest.mark.parametrize("title", ["1984", "NA", "None", 'The "A", B', "Zwei\nZeilen", "007.0", "Épopée"])
def test_a_title_is_text_whatever_it_looks_like(warehouse: Warehouse, title: str) -> None:
    take_in(a_film("Alien", "2000-05-25", dollars=10**6, title=title))
    assert cut("finetune", AS_OF).films()["title"].tolist() == [title]


def test_a_film_comes_with_its_places_and_how_many_made_it(warehouse: Warehouse) -> None:
    take_in(
        a_film(
            "Alien",
            "2000-05-25",
            dollars=10**6,
            countries=["United States of America", "España"],
            languages=["es", "en"],
            companies=["Fox", "Brandywine"],
            cast=["Ann", "Bob", "Cyd"],
            directors=["Dan"],
        ),
        a_film("Nothing", "2000-05-26", dollars=10**6),
    )
    alien, nothing = cut("finetune", AS_OF).films().to_dict("records")
    names = ["countries", "languages", "companies", "cast_members"]
    assert [alien[name] for name in names] == [["España", "United States of America"], ["en", "es"], 2, 3]
    assert [nothing[name] for name in names] == [[], [], 0, 0]


def test_rivals_are_the_budgets_of_the_other_films_around_the_release(warehouse: Warehouse) -> None:
    day = date(2001, 3, 15)
    around = [-15, -14, -4, -3, 0, 4, 5, 14, 15]
    rivals = [
        a_film(f"{days} days", (day + timedelta(days)).isoformat(), budget=10**7 * 2**place)
        for place, days in enumerate(around)
    ]
    subject = a_film("Subject", day.isoformat(), dollars=10**6, budget=10**9)
    unknown = a_film("of no budget", day.isoformat())
    some_day = a_film("some day", "2001-03-31", release_precision="month", budget=10**8, dollars=10**6)
    nobody_believes = a_film("of 12 dollars", day.isoformat(), budget=12)
    take_in(subject, unknown, some_day, nobody_believes, *rivals)
    films = cut("finetune", AS_OF).films().set_index("title")[["rivals_before", "rivals_near", "rivals_after"]]
    within = lambda first, last: sum(2**place for place, days in enumerate(around) if first <= days <= last)  # noqa: E731
    assert films.loc["Subject"].tolist() == [within(-14, 0), within(-3, 4), within(0, 14)]
    assert films.loc["some day"].isna().all()


@pytest.mark.parametrize("seed", range(2))
def test_rivals_of_random_films_equal_a_sum_over_all(warehouse: Warehouse, seed: int) -> None:
    take_in(*random_films(dice(seed), 150))
    as_of = START + timedelta(700)
    films = cut("finetune", as_of).films()
    facts = Facts(warehouse)
    assert len(films) > 20
    for film in films.to_dict("records"):
        found = [film[f"rivals_{when}"] for when in ("before", "near", "after")]
        np.testing.assert_allclose(found, facts.rivals(film["film_id"], as_of), rtol=1e-9)


def test_rivals_are_those_of_the_day_from_which_one_looks(warehouse: Warehouse) -> None:
    live: dict[str, Any] = {"source": "tmdb", "live": True}
    take_in(a_film("Subject", "2002-07-01"))
    take_in(a_film("Rival", "2002-07-02", ids=["tmdb:1"], budget=10**7), **live, seen_on=date(2002, 1, 1))
    take_in(a_film("Rival", "2002-12-02", ids=["tmdb:1"], budget=10**7), **live, seen_on=date(2002, 6, 15))
    for as_of, rivals in ((AS_OF, 1), (date(2002, 6, 20), 0), (AS_OF, 1)):
        assert cut("publish", as_of).films().set_index("title").loc["Subject", "rivals_after"] == rivals


def test_a_missing_number_is_missing_and_a_missing_list_is_empty() -> None:
    csv = b"film_id,released,release_date,known_on,budget,genres\n1,2000-01-02,2000-01-02,,,\n"
    films = read_csv(csv)
    assert films["budget"].isna().all()
    assert films["known_on"].isna().all()
    assert films["genres"].tolist() == [[]]


def test_a_cut_without_films_has_its_columns(warehouse: Warehouse) -> None:
    films = cut("finetune", AS_OF).films()
    assert len(films) == 0
    assert {"film_id", "label", "budget", "genres", "delta_release_days"} <= set(films.columns)


def test_days_are_days() -> None:
    column = pd.Series([pd.Timestamp("1999-12-31"), pd.NaT])
    np.testing.assert_array_equal(days(column), np.array(["1999-12-31", "NaT"], dtype="datetime64[D]"))
