"""Films made up for a test, and a source that holds its records in memory."""

from collections.abc import Iterable, Iterator
from datetime import date

from pel.sources import Batch, Film, Record, Source, UserRating
from pel.warehouse.ingest import IngestRun, ingest
from pel.warehouse.resolve import resolve

SOURCE = "made up"


class ListSource(Source):
    """Delivers the records it was given; an exception among them is raised when it is reached."""

    def __init__(
        self,
        records: Iterable[Record | Exception],
        name: str = SOURCE,
        *,
        live: bool = False,
        complete: bool = False,
        user_ratings: Iterable[UserRating] = (),
    ) -> None:
        self.name = name  # type: ignore[misc]
        self.live = live  # type: ignore[misc]
        self.complete = complete  # type: ignore[misc]
        self.location = "memory"
        self._records = list(records)
        self._user_ratings = list(user_ratings)

    def batches(self) -> Iterator[Batch]:
        yield Batch("all", self.records, lambda: iter(self._user_ratings))

    def records(self) -> Iterator[Record]:
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


def take_in(
    *records: Record | Exception,
    settle_days: int = 180,
    source: str = SOURCE,
    seen_on: date | None = None,
    **kind: object,
) -> IngestRun:
    """Ingest the records as one run of the source, and let them in among the facts."""
    done = ingest(ListSource(records, source, **kind), settle_days=settle_days, seen_on=seen_on)
    resolve(settle_days=settle_days)
    return done
