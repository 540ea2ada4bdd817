"""The DAG that takes films in, run by Airflow: from TMDB, from files, past the checks or not."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import Warehouse
from tests.sources.tmdb_server import TOKEN, TmdbServer, a_movie

TODAY = datetime.now(UTC).date()
INGEST = "ingest_releases"
FILMS = "select title from pel.films order by title"
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


def test_what_the_checks_refuse_waits_and_what_was_there_stays(warehouse: Warehouse, run_dags, tmp_path: Path) -> None:
    def ingest(unit: float, films: int = 150) -> dict[str, list[str]]:
        location = extract(tmp_path, *[(f"Film {n}", "2001-02-03", unit * (n + 7)) for n in range(films)])
        return run_dags(warehouse, INGEST, source="wikidata", location=location)[0][INGEST]

    assert ingest(1e6)["announce"] == ["success"]
    before = warehouse.rows("select film_id, dollars from pel.box_office order by 1")

    in_millions = ingest(1)
    assert in_millions["check_records"] == ["failed"]
    assert in_millions["resolve"] == in_millions["announce"] == ["upstream_failed"]
    assert warehouse.rows("select film_id, dollars from pel.box_office order by 1") == before
    assert warehouse.rows("select count(*) from pel.pending_records") == [(150,)]

    shrunk = ingest(1e6, films=60)
    assert shrunk["check_runs"] == ["failed"]
    assert shrunk["resolve"] == ["upstream_failed"]


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
