"""Kaggle's "TMDB 5000 Movie Dataset": 4,803 films to 2016 from TMDB, with lists as JSON."""

from collections.abc import Iterator

from pel.sources.archive import ArchiveSource
from pel.sources.literals import parse_json
from pel.sources.records import Batch
from pel.sources.tmdb_csv import Table, films, number, records_in, whole

LIST = records_in(parse_json)
MOVIES = Table(
    file="tmdb_5000_movies.csv",
    key="id",
    columns={
        "budget": number,
        "genres": LIST,
        "id": number,
        "keywords": LIST,
        "production_companies": LIST,
        "production_countries": LIST,
        "release_date": str,
        "revenue": number,
        "runtime": whole,
        "spoken_languages": LIST,
        "title": str,
        "vote_average": number,
        "vote_count": number,
    },
)
CREDITS = Table(file="tmdb_5000_credits.csv", key="movie_id", columns={"cast": LIST, "crew": LIST})


class Tmdb5000Source(ArchiveSource):
    """The films of the archive."""

    name = "tmdb5000"
    download = "archive.zip of TMDB 5000 (kaggle.com/datasets/tmdb/tmdb-movie-metadata), or its folder"

    def batches(self) -> Iterator[Batch]:
        """The archive as a whole."""
        yield Batch(
            "films",
            lambda: films(self.archive, MOVIES, [CREDITS]),
            fraction=self.fraction_of(MOVIES.file, CREDITS.file),
        )
