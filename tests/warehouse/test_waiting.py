"""What waits for the checks, of which source, and what the checks compare it with."""

import logging
from datetime import date
from decimal import Decimal

import pytest

from pel.sources import UserRating
from pel.warehouse.ingest import ingest
from pel.warehouse.resolve import resolve
from tests.conftest import Warehouse
from tests.films import ListSource, a_film

ALIEN = {"key": "Alien", "release_date": "1979-05-25", "ids": ["tmdb:348"]}
AMOUR = {"key": "Amour", "release_date": "2012-09-20", "ids": ["tmdb:86837"]}
RUNS = "select source, records_read, records_read_before from pel.newest_ingest_runs order by source"
LET_IN = "select source, let_in from pel.ingest_runs order by ingest_run_id"
WAITING = "select source, source_key from pel.pending_records order by 1, 2"
RUNTIMES = "select title, runtime_minutes from pel.films order by title"


def comes(source: str, *films: dict, location: str = "memory", **more: object) -> None:
    """An ingest run of these films."""
    read = ListSource([a_film(**film) for film in films], source, **more)
    read.location = location
    ingest(read, settle_days=180)


def let_in(*sources: str) -> int:
    return resolve(settle_days=180, sources=list(sources))


def test_a_run_waits_until_its_source_is_let_in(warehouse: Warehouse) -> None:
    comes("kaggle", ALIEN)
    comes("tmdb", AMOUR)
    assert warehouse.rows(RUNS) == [("kaggle", 1, None), ("tmdb", 1, None)]
    assert warehouse.rows(LET_IN) == [("kaggle", False), ("tmdb", False)]

    assert let_in("tmdb") == 1
    assert warehouse.rows(RUNS) == [("kaggle", 1, None)]
    assert warehouse.rows(WAITING) == [("kaggle", "Alien")]
    assert warehouse.rows(LET_IN) == [("kaggle", False), ("tmdb", True)]

    assert let_in("kaggle") == 1
    assert warehouse.rows(RUNS) == warehouse.rows(WAITING) == []
    assert warehouse.rows(LET_IN) == [("kaggle", True), ("tmdb", True)]


def test_all_that_waits_is_let_in_if_no_source_is_named(warehouse: Warehouse) -> None:
    comes("kaggle", ALIEN)
    comes("tmdb", AMOUR)
    assert resolve(settle_days=180) == 2
    assert warehouse.rows(RUNS) == warehouse.rows(WAITING) == []


def test_a_run_is_compared_with_the_last_that_was_let_in(warehouse: Warehouse) -> None:
    comes("kaggle", ALIEN, AMOUR)
    let_in("kaggle")
    for _ in range(2):
        comes("kaggle", ALIEN)
        assert warehouse.rows(RUNS) == [("kaggle", 1, 2)]
    let_in("kaggle")
    comes("kaggle", ALIEN)
    assert warehouse.rows(RUNS) == [("kaggle", 1, 1)]


def test_a_run_is_compared_with_none_of_another_location(warehouse: Warehouse) -> None:
    comes("kaggle", ALIEN, AMOUR)
    let_in("kaggle")
    comes("kaggle", ALIEN, location="elsewhere")
    assert warehouse.rows(RUNS) == [("kaggle", 1, None)]


def test_a_run_that_failed_is_never_let_in(warehouse: Warehouse) -> None:
    with pytest.raises(OSError, match="gone"):
        ingest(ListSource([OSError("gone")], "kaggle"), settle_days=180)
    resolve(settle_days=180)
    assert warehouse.rows(LET_IN) == [("kaggle", False)]


def test_a_film_waits_while_one_of_its_sources_does(warehouse: Warehouse, caplog: pytest.LogCaptureFixture) -> None:
    comes("kaggle", ALIEN | {"runtime_minutes": 117}, AMOUR)
    let_in("kaggle")
    comes("kaggle", ALIEN | {"runtime_minutes": 1}, AMOUR)
    comes("tmdb", ALIEN | {"title": "Alien, as TMDB has it"}, AMOUR | {"runtime_minutes": 127})

    with caplog.at_level(logging.WARNING):
        assert let_in("tmdb") == 1
    assert "1 films go on waiting, for the checks did not let in what kaggle says" in caplog.text
    assert warehouse.rows(RUNTIMES) == [("Alien", 117), ("Amour", 127)]
    assert warehouse.rows(WAITING) == [("kaggle", "Alien")]

    comes("kaggle", ALIEN | {"runtime_minutes": 116}, AMOUR)
    assert let_in("kaggle") == 1
    assert warehouse.rows(RUNTIMES) == [("Alien, as TMDB has it", 116), ("Amour", 127)]


def test_users_ratings_wait_with_their_source(warehouse: Warehouse) -> None:
    comes("tmdb", ALIEN)
    let_in("tmdb")
    comes("movielens", user_ratings=[UserRating("tmdb:348", (date(1997, 1, 31) - date(1970, 1, 1)).days, 8)])
    comes("tmdb", ALIEN | {"runtime_minutes": 117})
    rated = "select source, rating from pel.ratings"
    assert let_in("tmdb") == 0
    assert warehouse.rows(rated) == []
    assert let_in("movielens") == 1
    assert warehouse.rows(rated) == [("movielens", Decimal(8))]
    assert warehouse.rows(RUNTIMES) == [("Alien", 117)]
