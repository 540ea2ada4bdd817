import json
import sqlite3
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pel.sources import Film, Record, Reject, SourceError
from pel.sources.wikidata import WikidataSource

OMDB = ["ID", "imdbID", "Title", "Released", "Runtime", "Genre", "Director", "Cast", "Language", "Country"]
TOMATOES = ["ID", "Rating", "Reviews", "BoxOffice", "Production"]
ALIEN = {"imdbID": "tt0078748", "Title": "Alien", "Released": "1979-05-25", "Runtime": 117.0}


def read(location: str | None = None) -> list[Record]:
    (batch,) = WikidataSource(location).batches()
    return list(batch.records())


@pytest.fixture(scope="module")
def demo_records() -> list[Film | Reject]:
    return read()


@pytest.fixture(scope="module")
def demo_films(demo_records: list[Film | Reject]) -> dict[str, Film]:
    return {record.key: record for record in demo_records if isinstance(record, Film)}


def delivered(file: Path, **columns: Any) -> Film | Reject:
    """What a file with one film delivers."""
    row = {"ID": 1, **ALIEN, **columns}
    connection = sqlite3.connect(file)
    for table, names in (("omdb", OMDB), ("tomatoes", TOMATOES)):
        columns_of_table = ", ".join(f'"{name}"' for name in names)  # Cast is a word of SQL
        connection.execute(f"create table {table} ({columns_of_table})")
        values = [row.get(name) for name in names]
        connection.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)
    connection.commit()
    connection.close()
    (record,) = read(str(file))
    return record


def film(file: Path, **columns: Any) -> Film:
    record = delivered(file, **columns)
    assert isinstance(record, Film), record
    return record


def test_the_demo_has_17472_records_of_which_six_are_rejected(demo_records: list[Film | Reject]) -> None:
    rejects = [record for record in demo_records if isinstance(record, Reject)]
    assert (len(demo_records), len(rejects)) == (17_472, 6)
    assert all("box_office.dollars" in reject.reason for reject in rejects)
    assert "101 Reykjavík" in [json.loads(reject.raw)["Title"] for reject in rejects]


def test_the_demo_comes_in_the_same_order_every_time(demo_records: list[Film | Reject]) -> None:
    assert read() == demo_records


def test_no_film_of_the_demo_claims_to_have_opened_on_new_years_day(demo_films: dict[str, Film]) -> None:
    dates = {(film.release_precision, film.release_date) for film in demo_films.values() if film.release_date}
    assert not [day for precision, day in dates if precision == "day" and (day.month, day.day) == (1, 1)]
    assert {(day.month, day.day) for precision, day in dates if precision == "year"} == {(12, 31)}


def test_a_junior_of_the_demo_is_one_person(demo_films: dict[str, Film]) -> None:
    cast = [credit.name for credit in demo_films["tt0065566"].cast]
    assert "Ed Begley, Jr." in cast
    assert not {"Ed Begley", "Jr."} & set(cast)


def test_new_years_day_stands_for_some_day_of_the_year(tmp_path: Path) -> None:
    some_day = film(tmp_path / "movies.db", Released="1999-01-01")
    assert (some_day.release_date, some_day.release_precision) == (date(1999, 12, 31), "year")


def test_any_other_day_is_that_day(tmp_path: Path) -> None:
    new_years_eve = film(tmp_path / "movies.db", Released="1999-12-31")
    assert (new_years_eve.release_date, new_years_eve.release_precision) == (date(1999, 12, 31), "day")


@pytest.mark.parametrize("released", [None, ""])
def test_a_film_without_a_date_is_a_film(tmp_path: Path, released: str | None) -> None:
    undated = film(tmp_path / "movies.db", Released=released)
    assert (undated.release_date, undated.release_precision) == (None, None)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Robert Downey, Jr.", ["Robert Downey, Jr."]),
        ("Robert Downey, Jr., Sammy Davis, Jr.", ["Robert Downey, Jr.", "Sammy Davis, Jr."]),
        ("Robert Downey, Sr., Robert Downey, Jr.", ["Robert Downey, Sr.", "Robert Downey, Jr."]),
        ("Zoe Saldana, Ann, Zoe Saldana", ["Zoe Saldana", "Ann"]),
        ("Jr.", ["Jr."]),
        ("", []),
        (None, []),
    ],
)
def test_a_list_is_read_name_by_name(tmp_path: Path, text: str | None, names: list[str]) -> None:
    assert [credit.name for credit in film(tmp_path / "movies.db", Cast=text).cast] == names


@pytest.mark.parametrize("column", ["Genre", "Production", "Country", "Language"])
def test_a_list_holds_a_name_once(tmp_path: Path, column: str) -> None:
    field = {"Genre": "genres", "Production": "companies", "Country": "countries", "Language": "languages"}[column]
    assert getattr(film(tmp_path / "movies.db", **{column: "B, A, B"}), field) == ("B", "A")


@pytest.mark.parametrize("dollars", [None, 0, 0.0])
def test_no_box_office_is_unknown_and_never_zero(tmp_path: Path, dollars: float | None) -> None:
    assert film(tmp_path / "movies.db", BoxOffice=dollars).box_office is None


def test_a_rating_of_zero_is_a_rating(tmp_path: Path) -> None:
    rating = film(tmp_path / "movies.db", Rating=0.0, Reviews=12).rating
    assert rating is not None
    assert (rating.value, rating.votes) == (Decimal(0), 12)


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"Rating": 11}, "rating.value"),
        ({"BoxOffice": -3}, "box_office.dollars"),
        ({"Title": None}, "title"),
        ({"Runtime": 90.5}, "runtime_minutes"),
        ({"Released": "1500-06-01"}, "release_date"),
        ({"Released": "2014-02-30"}, "release"),
        ({"Released": 1999}, "release"),
        ({"Cast": b"\xff"}, "cast"),
    ],
)
def test_a_bad_record_is_set_aside_with_its_reason_and_text(
    tmp_path: Path, columns: dict[str, Any], named: str
) -> None:
    reject = delivered(tmp_path / "movies.db", **columns)
    assert isinstance(reject, Reject)
    assert named in reject.reason.lower()
    assert json.loads(reject.raw)["imdbID"] == "tt0078748"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere.db")
    with pytest.raises(SourceError, match=missing):
        read(missing)
    assert not Path(missing).exists()


@pytest.mark.parametrize("content", [b"", b"no database, but long enough to be read as the header of one" * 20])
def test_a_file_that_is_not_the_extract_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "movies #1?.db"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=r"movies #1\?\.db is not the Wikidata extract"):
        read(str(file))


def test_reading_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "movies.db"
    film(file)
    content = file.read_bytes()
    read(str(file))
    assert file.read_bytes() == content
    assert list(tmp_path.iterdir()) == [file]
