import csv
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from pel.settings import PROJECT
from pel.sources.kaggle import KaggleSource
from pel.sources.records import Film, Record, Reject, SourceError, UserRating
from tests.sources.fuzzed import ALIEN, CREW, archive, table, write, zipped

REAL = PROJECT.parent / "shared/data/the-movies-dataset/archive.zip"
on_the_real_archive = pytest.mark.skipif(not REAL.exists(), reason=f"the archive is not here ({REAL})")


def records(place: Path, content: bytes | Mapping[str, bytes]) -> list[Record]:
    (batch,) = KaggleSource(write(place, content)).batches()
    return list(batch.records())


def ratings(place: Path, **files: bytes | None) -> list[UserRating | Reject]:
    (batch,) = KaggleSource(write(place, archive(**files))).batches()
    return list(batch.user_ratings())


def only(place: Path, **columns: str) -> Record:
    (record,) = records(place, archive([columns]))
    return record


def film(place: Path, **columns: str) -> Film:
    record = only(place, **columns)
    assert isinstance(record, Film), record
    return record


def cast_of(record: Record) -> list[str]:
    assert isinstance(record, Film)
    return [credit.name for credit in record.cast]


def rejects(several: list[Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(record.reason, json.loads(record.raw)) for record in several if isinstance(record, Reject)]


@pytest.mark.parametrize("content", [archive(), zipped(archive()), zipped(archive(), "dataset/")], ids=len)
def test_a_film_is_read_from_its_three_files(tmp_path: Path, content: bytes | Mapping[str, bytes]) -> None:
    (alien,) = records(tmp_path, content)
    assert isinstance(alien, Film)
    assert alien.rating is not None
    assert alien.box_office is not None
    assert (alien.key, alien.ids, alien.title) == ("348", ("tmdb:348", "imdb:tt0078748"), "Alien")
    assert (alien.release_date, alien.release_precision) == (date(1979, 5, 25), "day")
    assert (alien.runtime_minutes, alien.budget, alien.box_office.dollars) == (117, 11_000_000, 104_931_801)
    assert (alien.rating.value, alien.rating.votes, alien.rating.observed_on) == (Decimal("7.9"), 4564, None)
    assert [(c.name, c.key, c.billing) for c in alien.cast] == [
        ("Sigourney Weaver", "tmdb:10205", 1),
        ("John O'Hurt", "tmdb:5049", 2),
    ]
    assert [(c.name, c.key) for c in alien.directors] == [("Ridley Scott", "tmdb:578")]
    assert alien.genres == ("Horror", "Science Fiction")
    assert (alien.companies, alien.collections) == (("Brandywine Productions",), ("Alien Collection",))
    assert (alien.countries, alien.languages, alien.keywords) == (("GB",), ("en",), ("android", "spacecraft"))


def test_what_is_empty_or_zero_is_unknown(tmp_path: Path) -> None:
    empty = dict.fromkeys(ALIEN, "") | {
        "id": "348",
        "title": "Alien",
        "budget": "0",
        "revenue": "0.0",
        "runtime": "0.0",
    }
    unknown = film(tmp_path, **empty)
    assert (unknown.budget, unknown.box_office, unknown.runtime_minutes, unknown.rating) == (None, None, None, None)
    assert (unknown.release_date, unknown.genres, unknown.collections) == (None, (), ())


@pytest.mark.parametrize(("text", "minutes"), [("81.0", 81), ("81", 81), ("81.7", 82), ("93.3", 93)])
def test_a_runtime_is_in_whole_minutes(tmp_path: Path, text: str, minutes: int) -> None:
    assert film(tmp_path, runtime=text).runtime_minutes == minutes


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("adult", " - Written by Ornas"),
        ("belongs_to_collection", "0.065736"),
        ("belongs_to_collection", "[]"),
        ("budget", "/zV8bHuSL6WXoD6FWogP9j4x80bL.jpg"),
        ("budget", "1e400"),
        ("budget", "nan"),
        ("budget", "inf"),
        ("budget", "٣"),
        ("budget", "1_000"),
        ("budget", "9" * 5000),
        ("genres", "[1]"),
        ("genres", "{'name': 'Horror'}"),
        ("genres", "[{'name': "),
        ("genres", "[" * 10_000),
        ("id", "1997-08-20"),
        ("popularity", "Beware Of Frost Bites"),
        ("production_companies", "False"),
        ("revenue", "a lot"),
        ("runtime", "two hours"),
        ("vote_average", "ten"),
        ("vote_count", "many"),
    ],
)
def test_a_column_that_cannot_be_read_is_named_and_its_text_kept(tmp_path: Path, column: str, text: str) -> None:
    ((reason, raw),) = rejects([only(tmp_path, **{column: text})])
    assert f"{column}: " in reason
    assert len(reason) < 300
    assert raw[column] == text


def test_every_broken_column_is_named(tmp_path: Path) -> None:
    ((reason, _),) = rejects([only(tmp_path, adult="maybe", budget="a lot")])
    assert reason.startswith("movies_metadata.csv: adult: 'maybe'")
    assert "budget: 'a lot'" in reason


def test_a_rejected_film_keeps_the_text_of_all_its_files(tmp_path: Path) -> None:
    ((_, raw),) = rejects([only(tmp_path, title="")])
    assert (raw["crew"], raw["overview"]) == (CREW, ALIEN["overview"])
    assert "android" in raw["keywords"]


def test_the_files_may_be_in_any_order(tmp_path: Path) -> None:
    columns = ["cast", "crew", "id"]
    named = [[repr([{"id": n, "name": f"Star of {n}", "order": 0}]), CREW, str(n)] for n in range(1, 40)]
    films = [{"id": str(n)} for n in range(1, 40)]
    for order in (named, named[::-1], named[20:] + named[:20]):
        read = records(tmp_path, archive(films, credits=table(columns, order)))
        assert [cast_of(record) for record in read] == [[f"Star of {n}"] for n in range(1, 40)]


@pytest.mark.parametrize("key", ["348.0", "348"])
def test_a_number_of_a_film_may_look_like_a_fraction(tmp_path: Path, key: str) -> None:
    (alien,) = records(tmp_path, archive(keywords=table(["id", "keywords"], [[key, "[{'id': 1, 'name': 'cat'}]"]])))
    assert isinstance(alien, Film)
    assert alien.keywords == ("cat",)


def test_credits_of_no_film_are_rejected(tmp_path: Path) -> None:
    files = archive(credits=table(["cast", "crew", "id"], [["[]", CREW, "679"], ["[]", CREW, "348"]]))
    alien, *others = records(tmp_path, files)
    assert isinstance(alien, Film)
    assert rejects(others) == [
        ("credits.csv: movies_metadata.csv has no film for this record", {"cast": "[]", "crew": CREW, "id": "679"})
    ]


@pytest.mark.parametrize("second", ["[]", CREW])
def test_of_two_credits_of_a_film_the_first_counts_and_the_second_is_rejected(tmp_path: Path, second: str) -> None:
    rows = [["[]", CREW, "348"], ["[]", second, "348"]]
    reject, alien = records(tmp_path, archive(credits=table(["cast", "crew", "id"], rows)))
    assert isinstance(alien, Film)
    assert [credit.name for credit in alien.directors] == ["Ridley Scott"]
    assert rejects([reject]) == [
        ("credits.csv: a record of 348 came before", {"cast": "[]", "crew": second, "id": "348"})
    ]


def test_credits_that_cannot_be_read_are_rejected_and_their_film_is_taken_without(tmp_path: Path) -> None:
    files = archive(credits=table(["cast", "crew", "id"], [["[{'name': ", CREW, "348"]]))
    reject, alien = records(tmp_path, files)
    assert isinstance(alien, Film)
    assert (alien.cast, alien.directors, alien.keywords) == ((), (), ("android", "spacecraft"))
    ((reason, raw),) = rejects([reject])
    assert reason.startswith("credits.csv: cast: ")
    assert raw["crew"] == CREW


def test_a_film_that_comes_twice_is_read_twice_and_in_full(tmp_path: Path) -> None:
    first, second = records(tmp_path, archive([ALIEN, ALIEN]))
    assert first == second
    assert cast_of(second)


@pytest.mark.parametrize("name", ["movies_metadata", "credits", "keywords"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=rf"There is no {name}\.csv in .*; set PEL_DATA"):
        records(tmp_path, archive(**{name: None}))


@pytest.mark.parametrize("location", [None, ""])
def test_a_source_without_a_place_says_what_to_set(location: str | None) -> None:
    with pytest.raises(ValueError, match=r"kaggle .*set PEL_DATA to archive\.zip"):
        KaggleSource(location)


def test_user_ratings_are_out_of_ten_with_their_film_and_day(tmp_path: Path) -> None:
    assert ratings(tmp_path) == [UserRating("tmdb:348", 14_592, 9.0), UserRating("imdb:tt0114709", 0, 1.0)]


def test_all_ratings_are_preferred_to_the_small_ones(tmp_path: Path) -> None:
    everything = b"userId,movieId,rating,timestamp\n7,1214,5,86400\n"
    assert ratings(tmp_path, ratings=everything) == [UserRating("tmdb:348", 1, 10.0)]


def test_an_archive_without_ratings_has_none(tmp_path: Path) -> None:
    assert ratings(tmp_path, ratings_small=None, links=None) == []


def test_ratings_without_links_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"There is no links\.csv"):
        ratings(tmp_path, links=None)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ("1,2,4.5,0", "movieId: links.csv has no film '2'"),
        ("1,1214,5.5,0", "rating: '5.5'"),
        ("1,1214,0.0,0", "rating: '0.0'"),
        ("1,1214,-1,0", "rating: '-1'"),
        ("1,1214,nan,0", "rating: 'nan'"),
        ("1,1214,,0", "rating: ''"),
        ("1,1214,4.5,-1", "timestamp: '-1'"),
        ("1,1214,4.5,1e9", "timestamp: '1e9'"),
        ("1,1214,4.5,1260759144000", "timestamp: '1260759144000'"),
        ("1,1214,4.5," + "9" * 5000, "timestamp: '999"),
        ("1,1214,4.5,٣", "timestamp: '٣'"),
        ("1,1214,4.5", "3 fields where the header has 4"),
    ],
)
def test_a_rating_that_cannot_be_is_rejected_with_its_text(tmp_path: Path, record: str, reason: str) -> None:
    content = f"userId,movieId,rating,timestamp\n1,9,3,0\n{record}\n1,9,4,0\n".encode()
    good, bad, better = ratings(tmp_path, ratings_small=content)
    assert (good, better) == (UserRating("imdb:tt0114709", 0, 6.0), UserRating("imdb:tt0114709", 0, 8.0))
    ((told, raw),) = rejects([bad])
    assert told.startswith(f"ratings_small.csv: {reason}")
    assert raw.get("text") == f"{record}\n" or list(raw.values()) == sorted_by_column(record)


def sorted_by_column(record: str) -> list[str]:
    user, movie, rating, timestamp = record.split(",")
    return [movie, rating, timestamp, user]


@pytest.mark.parametrize(
    ("link", "film_"),
    [("5,0078748,348.0", "tmdb:348"), ("5,0078748,348", "tmdb:348"), ("5,78748,", "imdb:tt0078748")],
)
def test_a_film_has_tmdbs_number_or_else_imdbs(tmp_path: Path, link: str, film_: str) -> None:
    links = f"movieId,imdbId,tmdbId\n{link}\n".encode()
    rating = b"userId,movieId,rating,timestamp\n1,5,3,0\n"
    assert ratings(tmp_path, links=links, ratings_small=rating) == [UserRating(film_, 0, 6.0)]


@pytest.mark.parametrize("link", ["5,,", "5,x,1", "5,1,1e3", "5,1,0", "5,1,-1", "5,1,12345678901", "1214,0078748,9"])
def test_a_link_that_ties_to_no_film_or_to_another_is_rejected(tmp_path: Path, link: str) -> None:
    links = f"movieId,imdbId,tmdbId\n1214,0078748,348.0\n{link}\n".encode()
    bad, good, unknown = ratings(tmp_path, links=links)
    ((reason, _),) = rejects([bad])
    assert reason.startswith("links.csv: ")
    assert good == UserRating("tmdb:348", 14_592, 9.0)
    assert isinstance(unknown, Reject)


@pytest.fixture(scope="module")
def real_records() -> list[Record]:
    (batch,) = KaggleSource(str(REAL)).batches()
    return list(batch.records())


@on_the_real_archive
def test_the_archive_has_44510_films_of_which_30_come_twice(real_records: list[Record]) -> None:
    times = Counter(record.key for record in real_records if isinstance(record, Film))
    assert len(times) == 44_510
    assert sorted(times.values())[-31:] == [1] + [2] * 30


@on_the_real_archive
def test_every_record_of_the_archive_is_a_film_or_a_reject(real_records: list[Record]) -> None:
    with ZipFile(REAL) as members:
        lines = members.read("movies_metadata.csv").decode().splitlines()
    assert len(real_records) == sum(1 for _ in csv.reader(lines)) - 1 == 44_546


@on_the_real_archive
def test_the_rejects_of_the_archive_are_both_halves_of_its_three_broken_records(real_records: list[Record]) -> None:
    told = rejects(real_records)
    assert [raw["id"] for _, raw in told] == ["69234", "1997-08-20", "82663", "2012-09-29", "122662", "2014-01-01"]
    for reason, raw in told[::2]:
        assert reason.startswith("title: ")
        assert raw["original_title"] == "Midnight Man"
    for reason, raw in told[1::2]:
        assert "adult: ' " in reason
        assert "budget: '/" in reason
        assert raw["budget"].endswith(".jpg")
        assert raw["poster_path"] == "Midnight Man"


@on_the_real_archive
def test_the_films_of_the_archive_have_their_credits(real_records: list[Record]) -> None:
    films = [record for record in real_records if isinstance(record, Film)]
    assert all(record.directors for record in films)
    assert cast_of(films[0])[:2] == ["Tom Hanks", "Tim Allen"]
    assert sum(record.budget is not None for record in {f.key: f for f in films}.values()) == 8_840
    assert sum(record.box_office is not None for record in {f.key: f for f in films}.values()) == 7_385


@on_the_real_archive
def test_the_archive_has_100004_user_ratings() -> None:
    (batch,) = KaggleSource(str(REAL)).batches()
    read = list(batch.user_ratings())
    assert len(read) == 100_004
    assert sum(isinstance(record, Reject) for record in read) == 223
