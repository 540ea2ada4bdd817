import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pel.sources import SourceError
from pel.sources.tmdb_client import ATTEMPTS, LOOK_AHEAD, REQUESTS_PER_SECOND, SourceUnavailableError, TmdbClient
from tests.sources.tmdb_server import TOKEN, Fault, TmdbServer, a_movie

AT_ONCE = "0"  # a Retry-After that spares the test the waits


@pytest.fixture
def tmdb() -> Iterator[TmdbServer]:
    with TmdbServer(a_movie(number) for number in range(1, 201)) as server:
        yield server


@pytest.fixture
def client(tmdb: TmdbServer) -> Iterator[TmdbClient]:
    with TmdbClient(TOKEN, base_url=tmdb.url) as client:
        yield client


def details(*numbers: int) -> list[tuple[str, dict[str, str]]]:
    return [(f"/movie/{number}", {}) for number in numbers]


def busiest_second(tmdb: TmdbServer) -> int:
    times = [request.at for request in tmdb.requests]
    return max(sum(start <= at < start + 1 for at in times) for start in times)


def test_many_are_asked_at_a_time_and_answered_in_order_and_never_too_fast(
    tmdb: TmdbServer, client: TmdbClient
) -> None:
    tmdb.delay = 0.2
    numbers = list(range(75, 0, -1))
    started = time.monotonic()
    answers = list(client.get_each(details(*numbers)))
    assert [answer and answer["id"] for answer in answers] == numbers
    assert time.monotonic() - started < len(numbers) * tmdb.delay / 2
    assert busiest_second(tmdb) <= REQUESTS_PER_SECOND * 1.2


def test_one_slow_answer_does_not_change_the_order(tmdb: TmdbServer, client: TmdbClient) -> None:
    tmdb.fail("/movie/1", Fault(delay=0.5))
    assert [answer and answer["id"] for answer in client.get_each(details(1, 2, 3))] == [1, 2, 3]


def test_a_slow_reader_is_not_far_behind_what_is_fetched(tmdb: TmdbServer, client: TmdbClient) -> None:
    answers = client.get_each(details(*range(1, 201)))
    next(answers)
    time.sleep((LOOK_AHEAD + 20) / REQUESTS_PER_SECOND)
    assert len(tmdb.requests) <= LOOK_AHEAD


def test_a_reader_that_leaves_ends_the_fetching(tmdb: TmdbServer) -> None:
    with TmdbClient(TOKEN, base_url=tmdb.url) as client:
        next(client.get_each(details(*range(1, 201))))
    asked = len(tmdb.requests)
    time.sleep(0.2)
    assert len(tmdb.requests) == asked < LOOK_AHEAD / 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500),
        Fault(status=502, text="<html>Bad gateway</html>"),
        Fault(status=503, retry_after=AT_ONCE),
        Fault(status=429),
        Fault(status=429, retry_after=AT_ONCE),
        Fault(status=429, retry_after="soon"),
        Fault(drop=True),
        Fault(text="<html>We will be back</html>"),
        Fault(text="[]"),
        Fault(status=404, text="<html>Not found</html>"),
    ],
    ids=str,
)
def test_a_passing_fault_loses_nothing(tmdb: TmdbServer, client: TmdbClient, fault: Fault) -> None:
    tmdb.fail("/movie/2", fault)
    assert [answer and answer["id"] for answer in client.get_each(details(1, 2, 3))] == [1, 2, 3]
    assert len(tmdb.asked("/movie/2")) == 2


def test_a_fault_that_stays_is_raised_for_airflow_to_try_again(tmdb: TmdbServer, client: TmdbClient) -> None:
    tmdb.fail("/movie/1", *[Fault(status=503, retry_after=AT_ONCE)] * ATTEMPTS)
    with pytest.raises(SourceUnavailableError, match=rf"/movie/1 is answered with 503 .* {ATTEMPTS} attempts"):
        client.get("/movie/1", {})
    assert len(tmdb.requests) == ATTEMPTS
    assert not issubclass(SourceUnavailableError, SourceError | ValueError)


@pytest.mark.parametrize("as_date", [False, True])
def test_nobody_asks_before_the_pause_is_over(tmdb: TmdbServer, client: TmdbClient, as_date: bool) -> None:
    now, started = datetime.now(UTC), time.monotonic()
    until = now.replace(microsecond=0) + timedelta(seconds=2)  # a date has no fractions of a second
    tmdb.fail("/movie/4", Fault(status=429, retry_after=format_datetime(until, usegmt=True) if as_date else "1"))
    assert [answer and answer["id"] for answer in client.get_each(details(*range(1, 31)))] == list(range(1, 31))
    refused, again = (request.at for request in tmdb.asked("/movie/4")[:2])
    pause_ends = started + (until - now).total_seconds() if as_date else refused + 1
    clocks_differ, under_way = 0.02, 0.2  # seconds; under way: what had left before the refusal arrived
    assert again >= pause_ends - clocks_differ
    assert not [r for r in tmdb.requests if refused + under_way < r.at < pause_ends - clocks_differ]


@pytest.mark.parametrize("number", [0, 999])
def test_what_tmdb_does_not_have_is_none(client: TmdbClient, number: int) -> None:
    assert client.get(f"/movie/{number}", {}) is None


def test_a_404_that_is_not_tmdbs_says_nothing_of_a_film(tmdb: TmdbServer, client: TmdbClient) -> None:
    tmdb.fail("/movie/1", Fault(status=404, text='{"message": "no such route"}'))
    with pytest.raises(SourceError, match="404"):
        client.get("/movie/1", {})


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("/discover/movie", {"page": 501}, "400: Invalid page: Pages start at 1"),
        ("/movie/changes", {"start_date": "2026-01-01", "end_date": "2026-01-15"}, "422: Invalid date range"),
        ("/movie/changes", {"start_date": "someday", "end_date": "2026-01-15"}, "422: Invalid parameters"),
    ],
)
def test_a_request_that_tmdb_refuses_fails_at_once_with_its_reason(
    tmdb: TmdbServer, client: TmdbClient, path: str, query: dict[str, str | int], message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        client.get(path, query)
    assert len(tmdb.requests) == 1


def test_a_refused_token_fails_at_once_and_says_where_to_set_it(tmdb: TmdbServer) -> None:
    with (
        TmdbClient("another", base_url=tmdb.url) as client,
        pytest.raises(SourceError, match=r"connection tmdb \(401: Invalid API key.*airflow connections add tmdb"),
    ):
        client.get("/movie/1", {})
    assert len(tmdb.requests) == 1


def test_a_suspended_key_fails_at_once(tmdb: TmdbServer, client: TmdbClient) -> None:
    tmdb.fail("/movie/1", Fault(status=403, text='{"status_code": 10, "status_message": "Suspended API key"}'))
    with pytest.raises(SourceError, match=r"connection tmdb \(403: Suspended API key"):
        client.get("/movie/1", {})
    assert len(tmdb.requests) == 1


@pytest.mark.parametrize("token", ["", "s3cret\n", "s3cret s3cret", "s3crét"])
def test_what_cannot_be_a_token_is_not_sent(token: str) -> None:
    with pytest.raises(SourceError, match="connection tmdb") as refused:
        TmdbClient(token)
    assert "s3cr" not in str(refused.value)


def test_the_token_is_in_no_log_text_or_error(tmdb: TmdbServer, caplog: pytest.LogCaptureFixture) -> None:
    for logger in (None, "httpx"):  # Airflow makes it say less, wherever it was imported
        caplog.set_level(logging.DEBUG, logger)
    faults = [Fault(drop=True), *[Fault(status=503, retry_after=AT_ONCE)] * (ATTEMPTS - 1)]
    tmdb.fail("/movie/1", *faults)
    tmdb.fail("/movie/2", Fault(status=401, text="{}"))
    with TmdbClient(TOKEN, base_url=tmdb.url) as client:
        client.get("/movie/3", {})
        with pytest.raises(SourceUnavailableError) as unavailable:
            client.get("/movie/1", {})
        with pytest.raises(SourceError) as refused:
            client.get("/movie/2", {})
        said = [repr(client), caplog.text]
    for error in (unavailable.value, refused.value):
        cause: BaseException | None = error
        while cause is not None:
            said.append(f"{cause} {cause!r}")
            cause = cause.__cause__ or cause.__context__
    assert {"httpcore", "httpx"} <= {record.name.split(".")[0] for record in caplog.records}
    assert not [text for text in said if TOKEN in text]


def test_the_token_goes_into_one_header_and_not_into_the_address(tmdb: TmdbServer, client: TmdbClient) -> None:
    client.get("/discover/movie", {"page": 1})
    (request,) = tmdb.requests
    assert [name for name, value in request.headers.items() if TOKEN in value] == ["Authorization"]
    assert TOKEN not in f"{request.path} {request.query}"
