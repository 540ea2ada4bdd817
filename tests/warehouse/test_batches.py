"""Sources of several batches: what was taken in stays, and the next run goes on after it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pel.sources import Batch, Record, Reject, Source, SourceError
from pel.warehouse.ingest import IngestRun, ingest
from pel.warehouse.resolve import resolve
from tests.conftest import Warehouse
from tests.films import a_film
from tests.warehouse.contents import said
from tests.warehouse.test_ingest_interrupted import child, end

STATES = "select state, records_read, inserted from pel.ingest_runs order by ingest_run_id"
# Takes the months in; half way through the third it says so, and stays away for a minute.
CHILD = """
import sys, time
from tests.warehouse.test_batches import Months
from pel.warehouse.ingest import ingest

class Slow(Months):
    def _films(self, month):
        for line, record in enumerate(super()._films(month)):
            if (month, line) == (3, 5):
                print("half", flush=True)
                time.sleep(float(sys.argv[1]))
            yield record

ingest(Slow(), settle_days=180)
"""
FINISHED = "select batch from pel.finished_batches order by 1"


class Months(Source):
    """Five months of ten films each and a broken record; of the month ``dies_in`` only half is there."""

    name = "months"

    def __init__(self, *, dies_in: int | None = None, location: str = "memory", **kind: Any) -> None:
        self.location = location
        self.read: list[str] = []
        self._dies_in = dies_in
        for name, value in kind.items():
            setattr(self, name, value)

    def batches(self) -> Iterator[Batch]:
        for month in range(1, 6):
            yield Batch(f"2001-{month:02}", lambda month=month: self._films(month))  # type: ignore[misc]

    def _films(self, month: int) -> Iterator[Record]:
        self.read.append(f"2001-{month:02}")
        for day in range(1, 11):
            if month == self._dies_in and day == 5:
                raise SourceError("the line went dead")
            yield a_film(f"{month}/{day}", f"2001-{month:02}-{day:02}", genres=[f"genre {day}"], dollars=10**6)
        yield Reject(f"title: none of {month}", "{}")


def counts(run: IngestRun) -> tuple[int, ...]:
    return run.records_read, run.inserted, run.updated, run.unchanged, run.rejected


def die(in_month: int, **kind: Any) -> None:
    with pytest.raises(SourceError, match="the line went dead"):
        ingest(Months(dies_in=in_month, **kind), settle_days=180)


def test_a_run_counts_what_all_batches_did(warehouse: Warehouse) -> None:
    assert counts(ingest(Months(), settle_days=180)) == (55, 50, 0, 0, 5)
    assert counts(ingest(Months(), settle_days=180)) == (55, 0, 0, 50, 5)
    assert counts(ingest(Months(), settle_days=90)) == (55, 0, 50, 0, 5)


def test_a_source_that_dies_in_the_third_batch_leaves_two(warehouse: Warehouse) -> None:
    die(3)
    assert warehouse.rows(FINISHED) == [("2001-01",), ("2001-02",)]
    assert warehouse.rows(STATES) == [("failed", 22, 20)]
    assert warehouse.rows("select count(*) from pel.film_records") == [(20,)]


def test_the_next_run_goes_on_there(warehouse: Warehouse) -> None:
    die(3)
    again = Months()
    assert counts(ingest(again, settle_days=180)) == (33, 30, 0, 0, 3)
    assert again.read == ["2001-03", "2001-04", "2001-05"]
    assert warehouse.rows(STATES) == [("failed", 22, 20), ("succeeded", 33, 30)]
    assert warehouse.rows("select count(*) from pel.film_records") == [(50,)]


def test_a_source_that_dies_again_goes_on_from_there(warehouse: Warehouse) -> None:
    die(3)
    die(5)
    again = Months()
    ingest(again, settle_days=180)
    assert again.read == ["2001-05"]


def test_a_run_that_came_to_its_end_leaves_no_batch_behind(warehouse: Warehouse) -> None:
    die(3)
    ingest(Months(), settle_days=180)
    assert warehouse.rows(FINISHED) == []
    again = Months()
    ingest(again, settle_days=180)
    assert len(again.read) == 5


def test_another_location_starts_from_the_beginning(warehouse: Warehouse) -> None:
    die(3)
    elsewhere = Months(location="elsewhere")
    ingest(elsewhere, settle_days=180)
    assert len(elsewhere.read) == 5
    assert warehouse.rows(FINISHED) == [("2001-01",), ("2001-02",)]


def test_another_source_starts_from_the_beginning(warehouse: Warehouse) -> None:
    die(3)
    other = Months(name="other months")
    ingest(other, settle_days=180)
    assert len(other.read) == 5


def take_in_all() -> None:
    ingest(Months(), settle_days=180)
    resolve(settle_days=180)


def assert_a_clean_load_is_no_different(
    warehouse: Warehouse, copy_database: Callable[[str], Warehouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = copy_database("pel")
    monkeypatch.setenv("PEL_DATABASE_URL", clean.url())
    take_in_all()
    assert said(warehouse) == said(clean)
    assert len(said(warehouse)["films"]) == 50


@pytest.mark.parametrize("month", [1, 3, 5])
def test_wherever_it_died_the_end_is_that_of_a_clean_load(
    warehouse: Warehouse, copy_database: Callable[[str], Warehouse], monkeypatch: pytest.MonkeyPatch, month: int
) -> None:
    die(month)
    resolve(settle_days=180)
    take_in_all()
    assert_a_clean_load_is_no_different(warehouse, copy_database, monkeypatch)


def test_killed_in_the_third_batch_and_run_again_it_is_a_clean_load(
    warehouse: Warehouse, copy_database: Callable[[str], Warehouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    end(child(60, CHILD))
    assert warehouse.rows(FINISHED) == [("2001-01",), ("2001-02",)]
    again = Months()
    ingest(again, settle_days=180)
    resolve(settle_days=180)
    assert again.read == ["2001-03", "2001-04", "2001-05"]
    assert warehouse.rows(STATES) == [("failed", 22, 20), ("succeeded", 33, 30)]
    assert_a_clean_load_is_no_different(warehouse, copy_database, monkeypatch)


def test_rejects_are_counted_by_what_is_wrong_with_them(warehouse: Warehouse) -> None:
    class Broken(Months):
        def _films(self, month: int) -> Iterator[Record]:
            yield a_film(f"film {month}")
            yield a_film(f"film {month}", title="again")
            yield Reject("rating.value: 11 is too much", f"{month}")
            yield Reject("rating.value: 12 is too much; title: none", f"{month}")
            yield Reject("not JSON", f"{month}")

    expected = {"rating.value": 10, "not JSON": 5, "key": 5}
    assert ingest(Broken(), settle_days=180).rejected_by_reason == expected
    assert warehouse.rows("select rejected_by_reason, rejected from pel.ingest_runs") == [(expected, 20)]


def test_a_key_may_come_again_in_another_batch(warehouse: Warehouse) -> None:
    class Twice(Months):
        def _films(self, month: int) -> Iterator[Record]:
            yield a_film("Alien", title=f"Alien {month}")

    assert counts(ingest(Twice(), settle_days=180)) == (5, 1, 4, 0, 0)
    resolve(settle_days=180)
    assert warehouse.rows("select title from pel.films") == [("Alien 5",)]


def test_two_keys_of_one_film_in_two_batches_are_two_films(warehouse: Warehouse) -> None:
    class TwoKeys(Months):
        def _films(self, month: int) -> Iterator[Record]:
            yield a_film(f"key {month}", ids=["tmdb:348"])

    ingest(TwoKeys(), settle_days=180)
    assert warehouse.rows("select count(distinct film_id) from pel.film_records") == [(5,)]
