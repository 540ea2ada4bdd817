"""Cuts: the films of a purpose, as they were known on a day."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pel.features.films import HORIZON_DAYS, Purpose, cut, days, read_csv
from pel.sources.records import Rating
from tests.conftest import Warehouse
from tests.features.catalogue import START, dice, random_films
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
    for day, dollars, rating in (("2001-07-01", 10**4, 4), ("2002-06-01", 10**5, 5), ("2002-06-02", 10**6, 6)):
        take_in(a_film("Alien", "2001-05-25", dollars=dollars, rating=rating, observed_on=day))
    for purpose, first_day in PURPOSES_AND_FIRST_DAYS:
        assert labels(warehouse, purpose) == {"Alien": 5}
        assert labels(warehouse, purpose, first_day) == {"Alien": 4}
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
