"""Users' ratings: month by month, each month's mean known on the first day of the next."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pel.features.films import cut
from pel.sources import Reject, UserRating
from pel.warehouse.ingest import IngestRun
from tests.conftest import Warehouse
from tests.films import a_film, take_in

ALIEN = a_film("Alien", "1995-01-15", ids=["tmdb:348", "imdb:tt0078748"])
RATINGS = "select known_on, rating, votes from pel.ratings where source = 'movielens' order by 1"


def rated(day: str, points: float, film: str = "tmdb:348") -> UserRating:
    return UserRating(film, (date.fromisoformat(day) - date(1970, 1, 1)).days, points)


def users_say(*ratings: UserRating | Reject) -> IngestRun:
    return take_in(source="movielens", user_ratings=ratings)


def label(as_of: date) -> list[float]:
    return cut("pretrain", as_of).films()["label"].tolist()


def test_a_rating_is_the_mean_of_all_that_users_gave_until_the_end_of_a_month(warehouse: Warehouse) -> None:
    take_in(ALIEN)
    users_say(rated("1997-01-31", 8), rated("1997-01-01", 9), rated("1997-02-01", 1), rated("1997-04-30", 7))
    assert warehouse.rows(RATINGS) == [
        (date(1997, 2, 1), Decimal("8.50"), 2),
        (date(1997, 3, 1), Decimal("6.00"), 3),
        (date(1997, 5, 1), Decimal("6.25"), 4),
    ]


def test_a_month_counts_from_the_first_day_of_the_next(warehouse: Warehouse) -> None:
    take_in(ALIEN)
    users_say(rated("1997-01-31", 8), rated("1997-02-28", 2))
    said = {day: label(date(1997, *day)) for day in ((1, 31), (2, 1), (2, 28), (3, 1), (12, 31))}
    assert said == {(1, 31): [], (2, 1): [8], (2, 28): [8], (3, 1): [5], (12, 31): [5]}


def test_december_is_known_in_january(warehouse: Warehouse) -> None:
    take_in(ALIEN)
    users_say(rated("1996-12-31", 8))
    assert warehouse.rows(RATINGS) == [(date(1997, 1, 1), Decimal(8), 1)]


def test_the_same_again_writes_nothing(warehouse: Warehouse) -> None:
    take_in(ALIEN)
    ratings = [rated(f"1997-{1 + n % 12:02}-15", 1 + n % 10) for n in range(50)]
    users_say(*ratings)
    written = (
        "select xmin::text, r::text from pel.ratings r union all select xmin::text, u::text from pel.user_ratings u"
    )
    before = sorted(warehouse.rows(written))
    users_say(*reversed(ratings))
    assert sorted(warehouse.rows(written)) == before


def test_ratings_loaded_again_with_one_more_change_what_came_after_it(warehouse: Warehouse) -> None:
    take_in(ALIEN)
    users_say(rated("1997-01-31", 8), rated("1997-03-01", 8))
    users_say(rated("1997-01-31", 8), rated("1997-02-01", 2), rated("1997-03-01", 8))
    assert [rating for _, rating, _ in warehouse.rows(RATINGS)] == [8, 5, 6]


def test_ratings_that_are_gone_from_the_source_are_gone(warehouse: Warehouse) -> None:
    take_in(ALIEN)
    users_say(rated("1997-01-31", 8), rated("1997-03-01", 2))
    users_say(rated("1997-01-31", 8))
    assert warehouse.rows(RATINGS) == [(date(1997, 2, 1), Decimal(8), 1)]


def test_a_film_that_is_not_in_the_batch_keeps_its_ratings(warehouse: Warehouse) -> None:
    take_in(ALIEN)
    users_say(rated("1997-01-31", 8))
    users_say(rated("1997-01-31", 1, "tmdb:679"))
    assert warehouse.rows(RATINGS) == [(date(1997, 2, 1), Decimal(8), 1)]


def test_ratings_may_come_before_their_film(warehouse: Warehouse) -> None:
    users_say(rated("1997-01-31", 8))
    assert warehouse.rows(RATINGS) == []
    take_in(ALIEN)
    assert warehouse.rows(RATINGS) == [(date(1997, 2, 1), Decimal(8), 1)]


def test_ratings_may_come_before_the_id_of_their_film(warehouse: Warehouse) -> None:
    take_in(a_film("Alien", "1995-01-15"))
    users_say(rated("1997-01-31", 8))
    take_in(ALIEN)
    assert warehouse.rows(RATINGS) == [(date(1997, 2, 1), Decimal(8), 1)]


def test_two_ids_of_one_film_are_one_film(warehouse: Warehouse) -> None:
    take_in(ALIEN)
    users_say(rated("1997-01-31", 8), rated("1997-01-30", 4, "imdb:tt0078748"))
    assert warehouse.rows(RATINGS) == [(date(1997, 2, 1), Decimal(6), 2)]


def test_a_mean_without_a_day_counts_until_users_rated_the_film(warehouse: Warehouse) -> None:
    known_on = date(1995, 1, 15) + timedelta(180)
    take_in(a_film("Alien", "1995-01-15", ids=["tmdb:348"], rating=7), source="kaggle")
    users_say(rated("1997-01-31", 9))
    days = (known_on - timedelta(1), known_on, date(1997, 1, 31), date(1997, 2, 1), date(2020, 1, 1))
    assert [label(day) for day in days] == [[], [7], [7], [9], [9]]


def test_a_mean_without_a_day_never_counts_if_users_rated_the_film_before(warehouse: Warehouse) -> None:
    take_in(a_film("Alien", "1995-01-15", ids=["tmdb:348"], rating=7), source="kaggle")
    users_say(rated("1995-01-31", 9))
    assert [label(day) for day in (date(1995, 1, 31), date(1995, 2, 1), date(2020, 1, 1))] == [[], [9], [9]]


def test_a_rating_that_is_broken_is_set_aside(warehouse: Warehouse) -> None:
    take_in(ALIEN)
    run = users_say(rated("1997-01-31", 8), Reject("rating: 11 is too much", "1,2,11"))
    assert (run.rejected, run.rejected_by_reason) == (1, {"rating": 1})
    assert warehouse.rows("select source, reason, raw from pel.rejected_records") == [
        ("movielens", "rating: 11 is too much", "1,2,11")
    ]
    assert warehouse.rows("select votes from pel.ratings") == [(1,)]


@pytest.mark.parametrize("day", ["1969-12-31", "1900-02-28", "2020-02-29"])
def test_any_day_falls_into_its_month(warehouse: Warehouse, day: str) -> None:
    users_say(rated(day, 8))
    assert warehouse.rows("select month from pel.user_ratings") == [(date.fromisoformat(day).replace(day=1),)]
