import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from pel.sources.records import Film, Record, Reject, SourceError
from pel.sources.tmdb5000 import Tmdb5000Source
from tests.sources.fuzzed import table, write, zipped

ALIEN = {
    "budget": "11000000",
    "genres": '[{"id": 27, "name": "Horror"}]',
    "homepage": "",
    "id": "348",
    "keywords": '[{"id": 803, "name": "android"}]',
    "original_language": "en",
    "original_title": "Alien",
    "overview": "",
    "popularity": "94.184658",
    "production_companies": '[{"name": "Brandywine Productions", "id": 19747}]',
    "production_countries": '[{"iso_3166_1": "US", "name": "United States of America"}]',
    "release_date": "1979-05-25",
    "revenue": "104931801",
    "runtime": "117.0",
    "spoken_languages": '[{"iso_639_1": "es", "name": "Espa\\u00f1ol"}]',
    "status": "Released",
    "tagline": "",
    "title": "Alien",
    "vote_average": "7.9",
    "vote_count": "4470",
}
CREDITS = {
    "movie_id": "348",
    "title": "Alien",
    "cast": '[{"id": 10205, "name": "Sigourney \\"Sig\\" Weaver", "order": 0}]',
    "crew": '[{"id": 578, "job": "Director", "name": "Ridley Scott"}]',
}


def archive(movie: Mapping[str, str] = ALIEN, credit: Mapping[str, str] = CREDITS) -> dict[str, bytes]:
    return {
        "tmdb_5000_movies.csv": table(movie, [movie.values()]),
        "tmdb_5000_credits.csv": table(credit, [credit.values()]),
    }


def records(place: Path, content: bytes | Mapping[str, bytes]) -> list[Record]:
    (batch,) = Tmdb5000Source(write(place, content)).batches()
    assert list(batch.user_ratings()) == []
    return list(batch.records())


@pytest.mark.parametrize("content", [archive(), zipped(archive())], ids=["folder", "zip"])
def test_a_film_is_read_from_its_two_files(tmp_path: Path, content: bytes | Mapping[str, bytes]) -> None:
    (alien,) = records(tmp_path, content)
    assert isinstance(alien, Film)
    assert alien.box_office is not None
    assert alien.rating is not None
    assert (alien.key, alien.ids, alien.title) == ("348", ("tmdb:348",), "Alien")
    assert (alien.release_date, alien.runtime_minutes) == (date(1979, 5, 25), 117)
    assert (alien.budget, alien.box_office.dollars, alien.rating.votes) == (11_000_000, 104_931_801, 4470)
    assert [(c.name, c.key, c.billing) for c in alien.cast] == [('Sigourney "Sig" Weaver', "tmdb:10205", 1)]
    assert [c.name for c in alien.directors] == ["Ridley Scott"]
    assert (alien.genres, alien.keywords, alien.languages) == (("Horror",), ("android",), ("es",))


@pytest.mark.parametrize(
    ("column", "text"), [("genres", "[{'id': 27}]"), ("genres", "[NaN]"), ("keywords", "{}"), ("budget", "much")]
)
def test_a_column_that_cannot_be_read_is_named_and_its_text_kept(tmp_path: Path, column: str, text: str) -> None:
    (reject,) = records(tmp_path, archive(ALIEN | {column: text}))
    assert isinstance(reject, Reject)
    assert reject.reason.startswith(f"tmdb_5000_movies.csv: {column}: ")
    raw = json.loads(reject.raw)
    assert (raw[column], raw["crew"]) == (text, CREDITS["crew"])


def test_credits_of_no_film_are_rejected(tmp_path: Path) -> None:
    alien, reject = records(tmp_path, archive(credit=CREDITS | {"movie_id": "679"}))
    assert isinstance(alien, Film)
    assert reject == Reject(
        "tmdb_5000_credits.csv: tmdb_5000_movies.csv has no film for this record",
        json.dumps(CREDITS | {"movie_id": "679"}, sort_keys=True),
    )


@pytest.mark.parametrize("name", sorted(archive()))
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=f"There is no {name} in"):
        records(tmp_path, {other: content for other, content in archive().items() if other != name})


def test_a_source_without_a_place_says_what_to_set() -> None:
    with pytest.raises(ValueError, match=r"tmdb5000 .*set PEL_DATA to"):
        Tmdb5000Source()
