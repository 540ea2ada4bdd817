"""A clock that is moved: forward by a day, and back again."""

from datetime import date, timedelta

from pel.features.films import refresh
from pel.forecasts.publish import publish
from tests.chain import AS_OF
from tests.conftest import Trained, Warehouse
from tests.faults.conftest import Keep
from tests.faults.rows import Difference, rows_of
from tests.films import a_film, take_in

SHOWN = "select as_of, count(*) from upcoming_predictions group by as_of"
DAY = timedelta(days=1)


def test_the_clock_goes_a_day_forward_and_back(trained: Trained, keep: Keep) -> None:
    publish(AS_OF + DAY)
    shown, before = trained.warehouse.rows(SHOWN, role="pel_reader"), rows_of(trained.warehouse.rows)
    publish(AS_OF)
    assert trained.warehouse.rows(SHOWN, role="pel_reader") == shown
    publish(AS_OF + DAY)
    keep(
        "the clock goes a day forward, then back: forecasts were published for a day that comes again",
        "those of the later day stay in sight, and are not made twice when the day comes",
        difference=rows_of(trained.warehouse.rows).compared_with(before),
    )


def release_as_of(warehouse: Warehouse, day: str) -> list[tuple]:
    refresh(date.fromisoformat(day))
    return warehouse.rows("select release_date::text from pel.films")


def test_the_clock_goes_back_between_two_words_of_a_source(warehouse: Warehouse, keep: Keep) -> None:
    for release_date, seen_on in [
        ("2003-10-01", "2003-01-01"),
        ("2003-10-02", "2003-01-05"),
        ("2003-10-03", "2003-01-03"),
    ]:
        take_in(a_film("Dune", release_date), source="tmdb", live=True, seen_on=date.fromisoformat(seen_on))
    assert release_as_of(warehouse, "2003-01-04") == [("2003-10-01",)]
    assert release_as_of(warehouse, "2003-01-05") == [("2003-10-03",)]
    assert release_as_of(warehouse, "2003-01-06") == [("2003-10-03",)]
    ((words,),) = warehouse.rows("select count(*) from pel.film_records where valid_from < valid_until")
    keep(
        "the clock goes back by two days, between two words of a source on a film",
        "the later word counts from the day on which the one before did: of each day one word is in force",
        difference=Difference(lost=0, doubled=words - 2),
    )
