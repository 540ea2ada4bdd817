from collections.abc import Mapping
from pathlib import Path

import pytest

from pel.sources.movielens import MovieLensSource
from pel.sources.records import Reject, SourceError, UserRating
from tests.sources.fuzzed import write, zipped

FILES = {
    "README.txt": b"not of interest",
    "links.csv": b"movieId,imdbId,tmdbId\n1,0114709,862\n2,0113497,\n",
    "ratings.csv": b"userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,0.5,86399\n1,3,4.0,0\n",
}


def read(place: Path, content: bytes | Mapping[str, bytes]) -> list[UserRating | Reject]:
    (batch,) = MovieLensSource(write(place, content)).batches()
    assert list(batch.records()) == []
    return list(batch.user_ratings())


@pytest.mark.parametrize("content", [FILES, zipped(FILES, "ml-latest/")], ids=["folder", "zip"])
def test_ratings_are_read_and_no_films(tmp_path: Path, content: bytes | Mapping[str, bytes]) -> None:
    first, second, unknown = read(tmp_path, content)
    assert [first, second] == [UserRating("tmdb:862", 11_168, 8.0), UserRating("imdb:tt0113497", 0, 1.0)]
    assert isinstance(unknown, Reject)
    assert unknown.reason == "ratings.csv: movieId: links.csv has no film '3'"


@pytest.mark.parametrize("name", ["links.csv", "ratings.csv"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=f"There is no {name} in"):
        read(tmp_path, {other: content for other, content in FILES.items() if other != name})


def test_a_source_without_a_place_says_what_to_set() -> None:
    with pytest.raises(ValueError, match=r"movielens .*set PEL_DATA to ml-latest\.zip"):
        MovieLensSource()
