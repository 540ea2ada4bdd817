"""The DAG that takes films in, run by Airflow: from TMDB, from files, past the checks or not."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pel.sources import make_source
from pel.warehouse.ingest import ingest
from pel.warehouse.resolve import resolve
from tests.conftest import Warehouse
from tests.sources.tmdb_server import TOKEN, TmdbServer, a_movie

TODAY = datetime.now(UTC).date()
INGEST = "ingest_releases"
FILMS = "select title from pel.films order by title"
BOX_OFFICE = "select film_id, dollars from pel.box_office order by film_id"
WAITING = "select source, count(*) from pel.pending_records group by source"
EMPTY_EXTRACT = """
create table omdb (ID integer primary key, imdbID text, Title text, Released text, Runtime integer, Genre text,
                   Director text, "Cast" text, Language text, Country text);
create table tomatoes (ID integer primary key, Rating real, Reviews integer, BoxOffice real, Production text);
"""


def in_days(days: int) -> str:
    return (TODAY + timedelta(days)).isoformat()


def connection(tmdb: TmdbServer, token: str = TOKEN) -> dict[str, str]:
    return {"AIRFLOW_CONN_TMDB": f"http://:{token}@127.0.0.1"}


@pytest.fixture
def tmdb() -> Iterator[TmdbServer]:
    films = [a_movie(1, in_days(-10)), a_movie(2, in_days(300)), a_movie(3, in_days(500)), a_movie(4, "1999-03-31")]
    with TmdbServer(films) as running:
        yield running


def test_a_night_brings_what_is_new_and_a_year_of_what_is_upcoming(
    warehouse: Warehouse, run_dags, tmdb: TmdbServer
) -> None:
    form = {"source": "tmdb", "location": tmdb.url}
    tasks, log = run_dags(warehouse, INGEST, settings=connection(tmdb), **form)
    assert set(map(tuple, tasks[INGEST].values())) == {("success",)}
    assert warehouse.rows(FILMS) == [("Film 1",), ("Film 2",)]
    assert TOKEN not in log

    tmdb.change(2, on=TODAY, title="Film 2, renamed")
    run_dags(warehouse, INGEST, settings=connection(tmdb), **form)
    assert warehouse.rows(FILMS) == [("Film 1",), ("Film 2, renamed",)]
    assert "&changes=" in warehouse.rows("select location from pel.ingest_runs")[0][0]


def test_the_form_can_ask_for_the_releases_of_other_days(warehouse: Warehouse, run_dags, tmdb: TmdbServer) -> None:
    form = {"source": "tmdb", "location": tmdb.url, "releases_from": "1999-01-01", "releases_to": "1999-12-31"}
    run_dags(warehouse, INGEST, settings=connection(tmdb), **form)
    assert warehouse.rows(FILMS) == [("Film 4",)]


def test_without_a_token_it_fails_at_once_and_says_where_it_belongs(
    warehouse: Warehouse, run_dags, tmdb: TmdbServer
) -> None:
    tasks, log = run_dags(warehouse, INGEST, source="tmdb", location=tmdb.url)
    assert tasks[INGEST]["ingest"] == ["failed"]
    assert "airflow connections add tmdb" in log
    assert tmdb.requests == []


def extract(folder: Path, *films: tuple[str, str, float]) -> str:
    """A file of the demo's layout with these films: title, day of release, box office."""
    file = folder / "movies.db"
    file.unlink(missing_ok=True)
    with sqlite3.connect(file) as database:
        database.executescript(EMPTY_EXTRACT)
        for number, (title, released, dollars) in enumerate(films, 1):
            values = [number, f"tt{number:07}", title, released, "Some One"]
            database.execute("insert into omdb (ID, imdbID, Title, Released, Director) values (?, ?, ?, ?, ?)", values)
            database.execute("insert into tomatoes (ID, BoxOffice) values (?, ?)", [number, dollars])
    database.close()
    return str(file)


@dataclass(frozen=True)
class Wikidata:
    """A source of so many films, their box office in that unit, which always lies in the same file."""

    folder: Path
    run_dags: Callable[..., Any]
    warehouse: Warehouse

    def night(self, films: int, unit: float = 1e6, marked: str = "") -> dict[str, list[str]]:
        """The states of the tasks of a run over it."""
        location = self._file(films, unit)
        return self.run_dags(self.warehouse, INGEST, marked=marked, source="wikidata", location=location)[0][INGEST]

    def waits(self, films: int, unit: float = 1e6) -> None:
        """What a run leaves that the checks refused."""
        ingest(make_source("wikidata", self._file(films, unit)), settle_days=180)

    def is_let_in(self, films: int) -> None:
        """What a run leaves that they let pass."""
        self.waits(films)
        resolve(settle_days=180)

    def _file(self, films: int, unit: float) -> str:
        return extract(self.folder, *[(f"Film {n}", "2001-02-03", unit * (n + films)) for n in range(films)])


@pytest.fixture
def wikidata(warehouse: Warehouse, run_dags, tmp_path: Path) -> Wikidata:
    return Wikidata(tmp_path, run_dags, warehouse)


def test_what_the_checks_refuse_waits_and_what_was_there_stays(warehouse: Warehouse, wikidata: Wikidata) -> None:
    wikidata.is_let_in(150)
    before = warehouse.rows(BOX_OFFICE)
    in_millions = wikidata.night(150, unit=1)
    assert in_millions["check_records"] == ["failed"]
    assert in_millions["resolve"] == in_millions["announce"] == ["upstream_failed"]
    assert warehouse.rows(BOX_OFFICE) == before
    assert warehouse.rows(WAITING) == [("wikidata", 150)]


def test_a_source_that_stays_shrunken_is_refused_until_it_is_let_in(warehouse: Warehouse, wikidata: Wikidata) -> None:
    wikidata.is_let_in(150)
    wikidata.waits(60)
    before = warehouse.rows(BOX_OFFICE)
    again = wikidata.night(60)
    assert again["check_runs"] == ["failed"]
    assert again["resolve"] == again["announce"] == ["upstream_failed"]
    assert warehouse.rows(BOX_OFFICE) == before

    assert wikidata.night(60, marked="check_runs")["announce"] == ["success"]
    assert warehouse.rows(BOX_OFFICE) != before
    assert warehouse.rows(WAITING) == []
    assert wikidata.night(60)["announce"] == ["success"]


def test_a_source_that_is_whole_again_is_let_in(warehouse: Warehouse, wikidata: Wikidata) -> None:
    wikidata.is_let_in(150)
    wikidata.waits(60)
    assert wikidata.night(150)["announce"] == ["success"]
    assert warehouse.rows(WAITING) == []


def test_what_is_refused_of_one_source_waits_while_another_is_let_in(
    warehouse: Warehouse, run_dags, wikidata: Wikidata
) -> None:
    wikidata.is_let_in(300)
    wikidata.waits(120, unit=1)  # too small in its figures, and in its number
    before = warehouse.rows(BOX_OFFICE)
    with TmdbServer([a_movie(1000, in_days(100))]) as tmdb:
        tasks, log = run_dags(warehouse, INGEST, settings=connection(tmdb), source="tmdb", location=tmdb.url)
    assert tasks[INGEST]["announce"] == ["success"]
    assert ("Film 1000",) in warehouse.rows(FILMS)
    assert warehouse.rows(BOX_OFFICE) == before
    assert warehouse.rows(WAITING) == [("wikidata", 120)]
    assert "120 films go on waiting, for the checks did not let in what wikidata says" in log


def test_where_no_run_waits_there_is_nothing_to_refuse(wikidata: Wikidata) -> None:
    assert wikidata.night(0, marked="ingest")["check_runs"] == ["success"]


def test_corrections_overrule_the_source(warehouse: Warehouse, run_dags, tmp_path: Path) -> None:
    corrections = tmp_path / "corrections.csv"
    corrections.write_text("film,field,value,reason\nimdb:tt0000001,box_office,7500000,counted again\n")
    location = extract(tmp_path, ("Film", "2001-02-03", 75))
    run_dags(
        warehouse,
        INGEST,
        "temporal_deltas",
        settings={"PEL_CORRECTIONS": str(corrections)},
        source="wikidata",
        location=location,
        as_of=date(2010, 1, 1).isoformat(),
    )
    assert warehouse.rows("select source, dollars from pel.plausible_box_office") == [("corrections", 7_500_000)]
    assert warehouse.rows("select field, value ->> 'dollars', reason, in_force from "
                          "(select field, value::jsonb as value, reason, in_force from pel.corrections) c") == [
        ("box_office", "7500000", "counted again", True)
    ]  # fmt: skip
