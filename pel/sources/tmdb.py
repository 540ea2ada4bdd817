"""TMDB, as it is today: films by the day of their release, and films that were changed lately.

Needs an API token of your own. The API lists films' numbers, 20 or 100 a page and 500 pages at most; what it knows of a
film takes a request each. Its quirks: a list shifts while it is read, so that films come twice or not at all, and
the list of changes holds entries without a number (github.com/jellyfin/TMDbLib/issues/296).
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from pydantic import BaseModel, ValidationError

from pel.sources.records import Batch, Record, Source, SourceError, Withdrawal
from pel.sources.tmdb_client import BASE_URL, REQUESTS_PER_SECOND, Answer, Query, TmdbClient
from pel.sources.tmdb_film import film_or_reject_of

logger = logging.getLogger(__name__)

DETAILS = {"append_to_response": "credits,keywords,release_dates"}
MAX_PAGES = 500
DAY = timedelta(days=1)

Days = tuple[date, date]  # the first and the last


@dataclass(frozen=True)
class _List:
    """A list of films that TMDB gives for some days.

    Attributes:
        path: Where it is.
        query: What it is asked for, besides the days.
        bounds: How the first and the last day are called.
        spare: What to add to the last day.
        orders: The orders in which it can be read. Two, one the reverse of the other, reach twice as far as
            ``MAX_PAGES``, and the second finds what slipped through between two pages of the first.
        starts: The days of a month on which a new batch begins.
    """

    path: str
    query: Query
    bounds: tuple[str, str]
    spare: timedelta
    orders: tuple[Query, ...]
    starts: tuple[int, ...]


RELEASES = _List(
    path="/discover/movie",
    query={"include_adult": "false", "include_video": "false"},
    bounds=("primary_release_date.gte", "primary_release_date.lte"),
    spare=timedelta(0),
    # by title and not by day: the films of one day stand in any order, and in another on the next page
    orders=({"sort_by": "original_title.asc"}, {"sort_by": "original_title.desc"}),
    starts=(1,),
)
CHANGES = _List(
    path="/movie/changes",
    query={},
    bounds=("start_date", "end_date"),
    spare=DAY,  # whether end_date itself counts, TMDB does not say
    orders=({},),
    starts=(1, 11, 21),  # TMDB takes 14 days at most; from the 21st to the 31st and a day to spare, it is asked for 12
)


class _Entry(BaseModel):
    id: int | None


class _Page(BaseModel):
    results: list[_Entry]
    total_pages: int
    total_results: int


class TmdbSource(Source):
    """Films of TMDB's API.

    A film that TMDB has no more, or has come to count as pornography or as a mere video, is withdrawn: the lists by
    day of release leave these out.
    """

    name = "tmdb"
    live = True

    def __init__(
        self, *, token: str, releases: Days, changes: Days | None, seen_on: date, base_url: str = BASE_URL
    ) -> None:
        """Read some days of the API.

        Args:
            token: TMDB's "API Read Access Token".
            releases: First and last day of primary release of the films to list.
            changes: First and last day (UTC) on which the films to list were changed; None for no such films.
            seen_on: Today (UTC), the day on which ratings and revenues are what TMDB says.
            base_url: The API's address.
        """
        self._token = token
        self._base_url = base_url
        self._releases = releases
        self._changes = changes
        self._seen_on = seen_on
        changed = f"&changes={_text(changes)}" if changes else ""
        self.location = f"{base_url}?releases={_text(releases)}{changed}"

    def batches(self) -> Iterator[Batch]:
        """The releases month by month, then the changes by a third of a month.

        Reading one raises SourceError if TMDB refuses the token or a request, and
        :class:`~pel.sources.tmdb_client.SourceUnavailableError` if it does not answer.
        """
        for days in _cut(self._releases, RELEASES.starts):
            yield self._batch("releases", RELEASES, days)
        for days in _cut(self._changes, CHANGES.starts) if self._changes else ():
            yield self._batch("changes", CHANGES, days)

    def _batch(self, kind: str, films: _List, days: Days) -> Batch:
        name = f"{kind} {_text(days)}"
        return Batch(name, partial(self._records, name, films, days))

    def _records(self, name: str, films: _List, days: Days) -> Iterator[Record]:
        """Every film of the list, by its number."""
        with TmdbClient(self._token, base_url=self._base_url) as client:
            numbers = sorted(_numbers(client, films, days))
            minutes = max(round(len(numbers) / REQUESTS_PER_SECOND / 60), 1)
            logger.info("tmdb %s: %s films, about %s min", name, f"{len(numbers):,}", minutes)
            answers = client.get_each((f"/movie/{number}", DETAILS) for number in numbers)
            for number, movie in zip(numbers, answers, strict=True):
                if movie is None or movie.get("adult") or movie.get("video"):
                    yield Withdrawal(key=str(number))
                else:
                    yield film_or_reject_of(movie, raw=movie, observed_on=self._seen_on)


def _text(days: Days) -> str:
    return f"{days[0]}..{days[1]}"


def _cut(days: Days, starts: tuple[int, ...]) -> Iterator[Days]:
    """The days in parts that begin on the same days of a month, wherever the whole begins."""
    first, end = days
    while first <= end:
        last = first
        while last < end and (last + DAY).day not in starts:
            last += DAY
        yield first, last
        first = last + DAY


def _numbers(client: TmdbClient, films: _List, days: Days) -> set[int]:
    """The numbers of the films of a list; days that fill more pages than TMDB gives are read by halves."""
    first, last = days
    bounds = dict(zip(films.bounds, (first.isoformat(), (last + films.spare).isoformat()), strict=True))
    orders = [{**films.query, **bounds, **order} for order in films.orders]
    start = _page(films.path, client.get(films.path, orders[0]))
    if start.total_pages > MAX_PAGES and first < last:
        middle = first + (last - first) // 2
        return _numbers(client, films, (first, middle)) | _numbers(client, films, (middle + DAY, last))
    if start.total_pages > MAX_PAGES * len(orders):
        raise SourceError(
            f"TMDB lists {start.total_results:,} films at {films.path} for {first}, on {start.total_pages:,} pages, "
            f"and gives no more than {MAX_PAGES * len(orders):,}. Leave that day out, or teach pel.sources.tmdb to "
            "divide a day."
        )
    numbers: set[int] = set()
    for query in orders:
        numbers.update(_read(client, films.path, query, min(start.total_pages, MAX_PAGES)))
        if len(numbers) >= start.total_results:
            break
    else:
        logger.info("tmdb %s, %s: %s films of %s", films.path, _text(days), len(numbers), start.total_results)
    return numbers


def _read(client: TmdbClient, path: str, query: Query, pages: int) -> Iterator[int]:
    for answer in client.get_each((path, {**query, "page": page}) for page in range(1, pages + 1)):
        yield from (film.id for film in _page(path, answer).results if film.id is not None)


def _page(path: str, answer: Answer | None) -> _Page:
    """A page of a list; raises SourceError if it is none."""
    try:
        return _Page.model_validate(answer)
    except ValidationError as error:
        raise SourceError(
            f"TMDB's answer at {path} is not a list of films; its API has changed, and so must pel.sources.tmdb."
        ) from error
