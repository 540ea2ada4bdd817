"""D_t: each film less the one before it in the order (release_date, film_id)."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from pel.features.films import refresh
from tests.conftest import Warehouse
from tests.features.catalogue import START, dice, random_films
from tests.features.reference import KINDS, Facts
from tests.features.tables import deltas
from tests.films import a_film, take_in

LATER = date(2014, 1, 1)
NUMBERS = [
    *[f"{kind}_{name}" for kind in KINDS for name in ("films", "box_office", "box_office_films", "rating")],
    "budget",
]


def frame(warehouse: Warehouse, table: str, columns: list[str]) -> pd.DataFrame:
    """The films that are dated to the day, in their order, with columns of the table."""
    rows = warehouse.rows(
        f"select film_id, f.release_date, {', '.join(f't.{name}' for name in columns)} "
        f"from pel.films f join {table} t using (film_id) where f.release_precision = 'day'"
    )
    films = pd.DataFrame(rows, columns=["film_id", "release_date", *columns])
    films["release_date"] = pd.to_datetime(films["release_date"])
    return films.sort_values(["release_date", "film_id"], ignore_index=True)


def assert_equal_to_pandas(warehouse: Warehouse) -> None:
    attributes = frame(warehouse, "pel.film_attributes", NUMBERS)
    computed = frame(warehouse, "pel.temporal_deltas", [*NUMBERS, "release_days", "previous_film_id"])
    assert computed["film_id"].tolist() == attributes["film_id"].tolist()
    np.testing.assert_array_equal(
        computed[NUMBERS].to_numpy(dtype=float), attributes[NUMBERS].astype(float).diff().to_numpy()
    )
    np.testing.assert_array_equal(
        computed["release_days"].to_numpy(dtype=float), attributes["release_date"].diff().dt.days.to_numpy()
    )
    np.testing.assert_array_equal(
        computed["previous_film_id"].to_numpy(dtype=float), attributes["film_id"].shift().to_numpy()
    )


@pytest.mark.parametrize("as_of", [date(2014, 1, 1), date(2012, 5, 5)])
def test_deltas_of_the_demo_equal_pandas(demo_facts: Warehouse, as_of: date) -> None:
    refresh(as_of)
    assert_equal_to_pandas(demo_facts)


@pytest.mark.parametrize("seed", range(3))
def test_deltas_of_random_films_equal_pandas(warehouse: Warehouse, seed: int) -> None:
    take_in(*random_films(dice(seed), 150))
    for day in (700, 200):
        refresh(START + timedelta(day))
        assert_equal_to_pandas(warehouse)


def test_the_order_is_that_of_release_and_then_of_the_films_numbers(demo_facts: Warehouse) -> None:
    refresh(LATER)
    previous = dict(demo_facts.rows("select film_id, previous_film_id from pel.temporal_deltas"))
    assert previous == Facts(demo_facts).predecessors()


def test_the_first_film_has_nothing_to_differ_from(warehouse: Warehouse) -> None:
    take_in(a_film("First", "2001-01-02", genres=["Drama"], budget=10**5))
    refresh(LATER)
    first = deltas(warehouse)["First"]
    assert {name for name, value in first.items() if value is not None} == {"film_id", "genres_added", "genres_removed"}
    assert (first["genres_added"], first["genres_removed"]) == ([], [])


def test_a_film_not_dated_to_the_day_has_no_delta_and_no_place(warehouse: Warehouse) -> None:
    take_in(
        a_film("First", "2001-01-02"),
        a_film("Some month", "2001-03-31", release_precision="month"),
        a_film("Some year", "2001-12-31", release_precision="year"),
        a_film("Some day"),
        a_film("Last", "2002-01-02"),
    )
    refresh(LATER)
    assert set(deltas(warehouse)) == {"First", "Last"}
    assert deltas(warehouse)["Last"]["release_days"] == 365


def test_genres_come_and_go(warehouse: Warehouse) -> None:
    take_in(
        a_film("First", "2001-01-02", genres=["Drama", "Crime"]),
        a_film("Second", "2001-01-03", genres=["Crime", "War", "Action"]),
        a_film("Third", "2001-01-04"),
        a_film("Fourth", "2001-01-05", genres=["drama", "Épopée", "Zombies"]),
    )
    refresh(LATER)
    changes = {title: (row["genres_added"], row["genres_removed"]) for title, row in deltas(warehouse).items()}
    assert changes == {
        "First": ([], []),
        "Second": (["Action", "War"], ["Drama"]),
        "Third": ([], ["Action", "Crime", "War"]),
        "Fourth": (["Zombies", "drama", "Épopée"], []),
    }


def test_a_delta_is_unknown_where_either_film_s_value_is(warehouse: Warehouse) -> None:
    take_in(
        a_film("First", "2001-01-02", budget=10**5),
        a_film("Second", "2001-01-03"),
        a_film("Third", "2001-01-04", budget=10**6),
        a_film("Fourth", "2001-01-05", budget=10**5),
    )
    refresh(LATER)
    assert {title: row["budget"] for title, row in deltas(warehouse).items()} == {
        "First": None, "Second": None, "Third": None, "Fourth": -1,
    }  # fmt: skip
