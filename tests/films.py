"""Films made up for a test, and a source that holds its records in memory."""

from collections.abc import Iterable, Iterator

from pel.sources import Film, Reject
from pel.warehouse.ingest import IngestRun, ingest

SOURCE = "made up"


class ListSource:
    """Delivers the records it was given; an exception among them is raised when it is reached."""

    def __init__(self, records: Iterable[Film | Reject | Exception], name: str = SOURCE) -> None:
        self.name = name
        self.location = "memory"
        self._records = list(records)

    def records(self) -> Iterator[Film | Reject]:
        for record in self._records:
            if isinstance(record, Exception):
                raise record
            yield record


def a_film(
    key: str,
    release_date: str | None = None,
    *,
    release_precision: str = "day",
    directors: Iterable[str] = (),
    cast: Iterable[str] = (),
    dollars: float | None = None,
    rating: float | None = None,
    observed_on: str | None = None,
    **fields: object,
) -> Film:
    """A film titled like its key; ``observed_on`` is the day of both figures."""
    return Film.model_validate(
        {
            "key": key,
            "title": key,
            "release_date": release_date,
            "release_precision": release_precision if release_date else None,
            "directors": [{"name": name} for name in directors],
            "cast": [{"name": name} for name in cast],
            "rating": {"value": rating, "observed_on": observed_on} if rating is not None else None,
            "box_office": {"dollars": dollars, "observed_on": observed_on} if dollars is not None else None,
            **fields,
        }
    )


def take_in(*records: Film | Reject | Exception, settle_days: int = 180, source: str = SOURCE) -> IngestRun:
    """Ingest the records as one run of the source."""
    return ingest(ListSource(records, source), settle_days=settle_days)
