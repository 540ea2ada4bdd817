"""The outside world, as validated records."""

from collections.abc import Callable

from pel.sources.kaggle import KaggleSource
from pel.sources.movielens import MovieLensSource
from pel.sources.records import Batch, Correction, Film, Record, Reject, Source, SourceError, UserRating, Withdrawal
from pel.sources.tmdb5000 import Tmdb5000Source
from pel.sources.wikidata import WikidataSource

# Sources that are read from files; TMDB's API is the other one.
FILE_SOURCES: dict[str, Callable[[str | None], Source]] = {
    source.name: source for source in (KaggleSource, MovieLensSource, Tmdb5000Source, WikidataSource)
}
SOURCES = [*FILE_SOURCES, "tmdb"]

__all__ = [
    "FILE_SOURCES",
    "SOURCES",
    "Batch",
    "Correction",
    "Film",
    "Record",
    "Reject",
    "Source",
    "SourceError",
    "UserRating",
    "Withdrawal",
    "make_source",
]


def make_source(name: str, location: str | None = None) -> Source:
    """The file source of that name, reading from ``location`` or from where it lies by default."""
    if name not in FILE_SOURCES:
        raise ValueError(f"There is no source {name!r} of files; choose one of {', '.join(FILE_SOURCES)}.")
    return FILE_SOURCES[name](location)
