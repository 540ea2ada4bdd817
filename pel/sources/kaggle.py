"""Kaggle's "The Movies Dataset": some 45,000 films to July 2017 from TMDB, with user ratings from MovieLens.

Its quirks: lists are Python literals, 0 means unknown, 30 films come twice, and three records are broken in two by a
line break, so that each leaves one half without a title and one with shifted columns. Some runtimes have fractions.
"""

from collections.abc import Iterator

from pel.sources.archive import ArchiveSource
from pel.sources.literals import parse_literal
from pel.sources.records import Batch, Reject, UserRating
from pel.sources.tmdb_csv import Table, films, number, record_in, records_in, truth, whole
from pel.sources.user_ratings import LINKS, user_ratings

LIST = records_in(parse_literal)
MOVIES = Table(
    file="movies_metadata.csv",
    key="id",
    columns={
        "adult": truth,
        "belongs_to_collection": record_in(parse_literal),
        "budget": number,
        "genres": LIST,
        "id": number,
        "imdb_id": str,
        "popularity": number,  # of no use but to tell a shifted record
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
CREDITS = Table(file="credits.csv", key="id", columns={"cast": LIST, "crew": LIST})
KEYWORDS = Table(file="keywords.csv", key="id", columns={"keywords": LIST})
RATINGS = ("ratings.csv", "ratings_small.csv")  # the second is a sample of the first


class KaggleSource(ArchiveSource):
    """The films of the archive and, if it has them, the user ratings."""

    name = "kaggle"
    download = "archive.zip of The Movies Dataset (kaggle.com/datasets/rounakbanik/the-movies-dataset), or its folder"

    def batches(self) -> Iterator[Batch]:
        """The archive as a whole."""
        yield Batch(
            "films",
            lambda: films(self.archive, MOVIES, [CREDITS, KEYWORDS]),
            self._user_ratings,
            self.fraction_of(MOVIES.file, CREDITS.file, KEYWORDS.file, LINKS, *RATINGS),
        )

    def _user_ratings(self) -> Iterator[UserRating | Reject]:
        for file in RATINGS:
            if file in self.archive:
                return user_ratings(self.archive, file)
        return iter(())
