"""Ingest and resolve when a source breaks off, a process is killed, or two runs start at once."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from pel.settings import PROJECT
from pel.sources import Film, Reject, SourceError, UserRating
from pel.warehouse.ingest import IngestRun, ingest
from pel.warehouse.resolve import resolve
from tests.conftest import Warehouse
from tests.films import SOURCE, ListSource, a_film, take_in
from tests.wait import sessions_waiting, wait_until
from tests.warehouse.contents import contents, said

STATES = "select state, error from pel.ingest_runs order by ingest_run_id"
NUMBERS = "select film_id, source_key from pel.film_records order by film_id"
KILLED = "It ended without a word: the process was killed."

# Takes in forty films; after half of them the source says so, and stays away for a minute if it was asked to.
CHILD = """
import sys, time
from tests.films import ListSource
from tests.warehouse.test_ingest_interrupted import some_films, some_user_ratings
from pel.warehouse.ingest import ingest
from pel.warehouse.resolve import resolve

class Slow(ListSource):
    def records(self):
        for line, record in enumerate(super().records()):
            if line == 20:
                print("half", flush=True)
                time.sleep(float(sys.argv[1]))
            yield record

ingest(Slow(some_films(), user_ratings=some_user_ratings()), settle_days=180)
resolve(settle_days=180)
"""


def some_films(changed: bool = False) -> list[Film]:
    return [
        a_film(
            f"film {n}",
            f"2001-{n % 12 + 1:02}-01",
            directors=[f"director {(n + changed) % 7}"],
            genres=["Drama", f"genre {n % 3}"],
            dollars=1000 + n + changed,
            rating=5,
            ids=[f"tmdb:{n + 1}"],
        )
        for n in range(40)
    ]


def some_user_ratings() -> list[UserRating]:
    return [UserRating(f"tmdb:{n % 40 + 1}", 12_000 + 7 * n, n % 10 + 1) for n in range(200)]


def take_in_all() -> IngestRun:
    return take_in(*some_films(), user_ratings=some_user_ratings())


@pytest.mark.parametrize("error", [SourceError("the line went dead"), ValueError("100% of it")])
def test_a_source_that_breaks_off_leaves_all_facts_as_they_were(warehouse: Warehouse, error: Exception) -> None:
    take_in(*some_films())
    before = contents(warehouse, with_xmin=True)
    with pytest.raises(type(error), match=str(error)):
        take_in(*some_films(changed=True), Reject("broken", "broken"), error)
    assert contents(warehouse, with_xmin=True) == before
    assert warehouse.rows(STATES) == [("succeeded", None), ("failed", f"{type(error).__name__}: {error}")]


def test_a_failed_run_is_not_in_the_way_of_the_next(warehouse: Warehouse) -> None:
    with pytest.raises(SourceError):
        take_in(SourceError("the line went dead"))
    assert take_in(*some_films()).inserted == 40
    assert [state for state, _ in warehouse.rows(STATES)] == ["failed", "succeeded"]


def child(seconds: float, program: str = CHILD) -> "subprocess.Popen[str]":
    """A process that takes the films in, half way through."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(seconds)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    return process


def end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


def assert_a_clean_load_is_no_different(
    warehouse: Warehouse, copy_database: Callable[[str], Warehouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = copy_database("pel")
    monkeypatch.setenv("PEL_DATABASE_URL", clean.url())
    take_in_all()
    assert said(warehouse) == said(clean)
    assert warehouse.rows(NUMBERS) == clean.rows(NUMBERS)


def test_a_process_killed_while_reading_leaves_nothing_behind(
    warehouse: Warehouse, copy_database: Callable[[str], Warehouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    end(child(60))
    assert said(warehouse)["records"] == []
    assert take_in_all().inserted == 40
    assert warehouse.rows(STATES) == [("failed", KILLED), ("succeeded", None)]
    assert_a_clean_load_is_no_different(warehouse, copy_database, monkeypatch)


def kill_at(warehouse: Warehouse, table: str) -> None:
    """Kills a process that takes the films in where it comes to write to the table."""
    with psycopg.connect(warehouse.url()) as gate:
        gate.execute(f"lock table {table} in share mode")
        process = child(0)
        wait_until(lambda: sessions_waiting(warehouse) == 1)
        end(process)


@pytest.mark.parametrize("table", ["pel.film_records", "pel.user_ratings", "pel.finished_batches"])
def test_a_process_killed_while_ingesting_leaves_nothing_behind(
    warehouse: Warehouse, copy_database: Callable[[str], Warehouse], monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    kill_at(warehouse, table)
    assert take_in_all().inserted == 40
    assert warehouse.rows(STATES) == [("failed", KILLED), ("succeeded", None)]
    assert_a_clean_load_is_no_different(warehouse, copy_database, monkeypatch)


@pytest.mark.parametrize("table", ["pel.credits", "pel.ratings"])
def test_a_process_killed_while_resolving_leaves_the_films_waiting(
    warehouse: Warehouse, copy_database: Callable[[str], Warehouse], monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    kill_at(warehouse, table)
    assert warehouse.rows("select (select count(*) from pel.films), (select count(*) from pel.pending_films)") == [
        (0, 40)
    ]
    assert resolve(settle_days=180) == 40
    assert warehouse.rows(STATES) == [("succeeded", None)]
    assert_a_clean_load_is_no_different(warehouse, copy_database, monkeypatch)


def at_once(warehouse: Warehouse, *sources: ListSource) -> list[IngestRun]:
    """Ingests the sources at the same time: each comes as far as it can before any may end."""
    with ThreadPoolExecutor(len(sources)) as pool, psycopg.connect(warehouse.url()) as gate:
        gate.execute("lock table pel.film_records in share mode")
        runs = [pool.submit(ingest, source, settle_days=180) for source in sources]
        wait_until(lambda: sessions_waiting(warehouse) == len(sources))
        gate.commit()
        return [run.result() for run in runs]


def test_two_runs_of_a_source_at_once_neither_double_nor_lose(warehouse: Warehouse) -> None:
    runs = at_once(warehouse, ListSource(some_films()), ListSource(some_films()))
    assert sorted((run.inserted, run.unchanged) for run in runs) == [(0, 40), (40, 0)]
    assert warehouse.rows(STATES) == [("succeeded", None)] * 2
    resolve(settle_days=180)
    assert len(said(warehouse)["films"]) == 40


def test_two_sources_at_once_neither_double_nor_lose(warehouse: Warehouse) -> None:
    runs = at_once(warehouse, ListSource(some_films(), SOURCE), ListSource(some_films(), "elsewhere"))
    assert [run.inserted for run in runs] == [40, 40]
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(lambda _: resolve(settle_days=180), range(2))) == [0, 40]
    assert warehouse.rows("select count(*), count(distinct film_id) from pel.film_records") == [(80, 40)]
    genres = warehouse.rows("select name from pel.genres order by 1")
    assert genres == [("Drama",), ("genre 0",), ("genre 1",), ("genre 2",)]
