"""The outside world, as validated records."""

from pel.sources.records import Batch, Film, Record, Reject, Source, SourceError, UserRating, Withdrawal
from pel.sources.wikidata import WikidataSource

SOURCES: dict[str, type[WikidataSource]] = {WikidataSource.name: WikidataSource}

__all__ = [
    "SOURCES",
    "Batch",
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
    """The source of that name, reading from ``location`` or from where it lies by default."""
    if name not in SOURCES:
        raise ValueError(f"There is no source {name!r}; choose one of {', '.join(sorted(SOURCES))}.")
    return SOURCES[name](location)
