"""What the soak is judged by has to catch a leak, and the nights have to bring what they say."""

import sqlite3
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from subprocess import PIPE, Popen

import psycopg
import pytest

from benchmarks.arrivals import AHEAD, deliver
from benchmarks.bounds import BOUNDS, judged
from benchmarks.footprint import Figures, processes, sessions
from pel.sources import Film, make_source
from tests.conftest import Warehouse

DAY = date(1985, 3, 1)
SETTLE_DAYS = 180


def films(file: Path, day: date) -> dict[str, Film]:
    deliver(file, day, SETTLE_DAYS)
    (batch,) = make_source("wikidata", str(file)).batches()
    return {film.key: film for film in batch.records() if isinstance(film, Film)}


def test_the_file_of_a_day_knows_nothing_later(tmp_path: Path) -> None:
    delivered = films(tmp_path / "movies.db", DAY)
    assert max(film.release_date for film in delivered.values()) <= DAY + AHEAD
    settled = [film.release_date for film in delivered.values() if film.box_office or film.rating]
    assert max(settled) <= DAY - timedelta(days=SETTLE_DAYS)


def test_nights_bring_a_few_films_and_figures_and_take_nothing_away(tmp_path: Path) -> None:
    before, after = films(tmp_path / "movies.db", DAY), films(tmp_path / "movies.db", DAY + timedelta(days=30))
    assert before.keys() < after.keys()
    assert len(after) - len(before) < 60
    paid = [{key for key, film in of.items() if film.box_office} for of in (before, after)]
    assert paid[0] < paid[1]


def test_the_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "movies.db"
    deliver(file, DAY, SETTLE_DAYS)
    reader = sqlite3.connect(file)
    before = reader.execute("select count(*) from omdb").fetchone()
    deliver(file, DAY + timedelta(days=300), SETTLE_DAYS)
    assert reader.execute("select count(*) from omdb").fetchone() == before
    reader.close()


def nights(of: int, **changed: Callable[[int], float]) -> list[dict[str, float]]:
    """Levels with noise in which nothing grows but what is given, as a function of the night."""
    noise = Random(0)  # noqa: S311 -- no secret hangs on it
    level = {name: 0 if bound.highest == 0 else 100 for name, bound in BOUNDS.items()}
    return [
        {name: level[name] + (noise.randint(0, 3) if level[name] else 0) for name in BOUNDS}
        | {name: grow(night) for name, grow in changed.items()}
        for night in range(of)
    ]


def broken(series: list[dict[str, float]]) -> set[str]:
    return {name for name, judgement in judged(series).items() if judgement["holds"] is False}


def test_what_goes_up_and_down_is_no_growth() -> None:
    assert broken(nights(100)) == set()


@pytest.mark.parametrize(
    ("name", "grow"),
    [
        ("connections", lambda night: 20 + night // 10),
        ("all: open files", lambda night: 500 + night % 3 + night // 5),
        ("all: memory", lambda night: 10**9 * (1 + night / 500) * (1 + night % 2 / 100)),
        ("locks", lambda night: night),
        ("failed", lambda night: night == 70),
    ],
)
def test_a_leak_is_found(name: str, grow: Callable[[int], float]) -> None:
    assert broken(nights(100, **{name: grow})) == {name}


def test_a_few_nights_prove_nothing() -> None:
    assert {judgement["holds"] for judgement in judged(nights(30)).values()} == {None}


def test_a_session_left_open_is_counted_with_its_locks(warehouse: Warehouse) -> None:
    before = sessions(warehouse.admin_url)
    with psycopg.connect(warehouse.url()) as left:
        left.execute("select from pel.films")
        after = sessions(warehouse.admin_url)
    assert after["connections"] == before["connections"] + 1
    assert after["locks"] > before["locks"]
    assert sessions(warehouse.admin_url) == before


def test_a_child_and_a_file_left_open_are_counted_with_their_program() -> None:
    def child(do: str) -> Figures:
        script = f"import os, sys\n{do}\nprint('ready', flush=True)\nsys.stdin.read()"
        with Popen([sys.executable, "-c", script], stdin=PIPE, stdout=PIPE, text=True) as process:
            assert process.stdout.readline()
            return processes({"program": process.pid})

    nothing = child("")
    assert child("kept = open(os.devnull)")["all: open files"] == nothing["all: open files"] + 1
    forked = child("if os.fork() == 0: sys.stdin.read(); os._exit(0)")
    assert forked["all: processes"] == forked["program: processes"] == 2
