"""Whatever an archive holds: it is read record by record or refused with a SourceError, and nothing is written."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from pel.sources.kaggle import KaggleSource
from pel.sources.movielens import MovieLensSource
from pel.sources.records import Film, Record, Reject, SourceError, UserRating
from pel.sources.tmdb5000 import MOVIES, Tmdb5000Source
from tests.sources import fuzzed

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
FUZZ = settings(max_examples=450, deadline=None, derandomize=True, database=None, suppress_health_check=CHECKS)
COLUMNS_OF_5000 = ["movie_id", "title", "cast", "crew"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Three folders deep, so that a path with dots would still write where we look."""
    root = tmp_path_factory.mktemp("root")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("archive/of/films", "cwd/here", "tmp/here"):
            (root / name).mkdir(parents=True)
        patch.chdir(root / "cwd/here")
        patch.setenv("TMPDIR", str(root / "tmp/here"))
        yield root


def tree(root: Path) -> list[Path]:
    return sorted(root.rglob("*"))


def read(root: Path, content: bytes | Mapping[str, bytes]) -> tuple[list[Record], list[UserRating | Reject]]:
    """What KaggleSource reads, and MovieLensSource, until a SourceError if any; all checked to be fit for storing."""
    place = root / "archive/of/films"
    for file in place.iterdir():
        file.unlink()
    location = fuzzed.write(place, content)
    before = tree(root)
    records: list[Record] = []
    ratings: list[UserRating | Reject] = []
    for source in (KaggleSource(location), MovieLensSource(location)):
        (batch,) = source.batches()
        for kept, delivered in ((records, batch.records), (ratings, batch.user_ratings)):
            with suppress(SourceError):
                kept.extend(delivered())  # type: ignore[attr-defined]
    assert tree(root) == before
    for record in [*records, *ratings]:
        check_storable(record)
    return records, ratings


def check_storable(record: Record | UserRating | Reject) -> None:
    if isinstance(record, Reject):
        assert record.reason
        assert "\0" not in record.reason + record.raw
        assert (record.reason + record.raw).encode()
    elif isinstance(record, UserRating):
        assert record.film.startswith(("tmdb:", "imdb:tt"))
        assert 0 <= record.day < 2_932_897
        assert record.rating in range(1, 11)
    else:
        assert isinstance(record, Film)
        assert "\\u0000" not in record.model_dump_json().replace("\\\\", "")


@FUZZ
@given(films=fuzzed.odd_films())
def test_every_record_is_a_film_or_a_reject_whatever_is_in_its_columns(
    place: Path, films: list[dict[str, str]]
) -> None:
    records, ratings = read(place, fuzzed.archive(films))
    of_sides = [r for r in records if isinstance(r, Reject) and r.reason.startswith(("credits.csv", "keywords.csv"))]
    assert len(records) - len(of_sides) == len(films)
    assert len(ratings) == 2


@FUZZ
@given(ratings=fuzzed.odd_ratings())
def test_every_rating_is_taken_or_rejected_whatever_is_in_its_columns(place: Path, ratings: list[list[str]]) -> None:
    content = fuzzed.table(["userId", "movieId", "rating", "timestamp"], ratings)
    _, read_ratings = read(place, fuzzed.archive(ratings=content))
    assert len(read_ratings) == 2 * len(ratings)


@FUZZ
@given(files=fuzzed.damaged_tables())
def test_a_damaged_table_is_read_record_by_record_or_refused(place: Path, files: fuzzed.Files) -> None:
    read(place, files)


@FUZZ
@given(content=fuzzed.odd_zips())
def test_a_damaged_zip_is_read_or_refused(place: Path, content: bytes) -> None:
    read(place, content)


@FUZZ
@given(files=fuzzed.damaged_tables())
def test_a_damaged_file_in_a_zip_is_read_record_by_record_or_refused(place: Path, files: fuzzed.Files) -> None:
    read(place, fuzzed.zipped(files, "ml-latest/"))


@FUZZ
@given(cast=fuzzed.cells, crew=fuzzed.cells)
def test_credits_in_json_are_read_or_rejected_whatever_is_in_them(place: Path, cast: str, crew: str) -> None:
    movie = dict.fromkeys(MOVIES.columns, "") | {"id": "348", "title": "Alien"}
    files = {
        "tmdb_5000_movies.csv": fuzzed.table(movie, [movie.values()]),
        "tmdb_5000_credits.csv": fuzzed.table(COLUMNS_OF_5000, [["348", "Alien", cast, crew]]),
    }
    (batch,) = Tmdb5000Source(fuzzed.write(place / "archive/of/films", files)).batches()
    records = list(batch.records())
    assert records
    for record in records:
        check_storable(record)
