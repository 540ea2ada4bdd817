"""MovieLens: user ratings of films (grouplens.org/datasets/movielens), and no films of its own."""

from collections.abc import Iterator

from pel.sources.archive import ArchiveSource
from pel.sources.records import Batch
from pel.sources.user_ratings import LINKS, user_ratings

RATINGS = "ratings.csv"


class MovieLensSource(ArchiveSource):
    """The ratings of one of MovieLens' data sets that come as CSV."""

    name = "movielens"
    download = "ml-latest.zip of MovieLens (grouplens.org/datasets/movielens) or another of its sets, or to its folder"

    def batches(self) -> Iterator[Batch]:
        """The ratings as a whole."""
        yield Batch(
            "ratings",
            lambda: iter(()),
            lambda: user_ratings(self.archive, RATINGS),
            self.fraction_of(LINKS, RATINGS),
        )
