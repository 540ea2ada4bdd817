import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from pel.sources import Film, Record, Reject, SourceError, Withdrawal, tmdb
from pel.sources.tmdb import TmdbSource
from pel.sources.tmdb_client import SourceUnavailableError
from tests.sources.tmdb_server import TOKEN, Fault, TmdbServer, a_movie, catalogue

TODAY = date(2026, 11, 22)
AUGUST = (date(2026, 8, 1), date(2026, 8, 31))
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 22))


@pytest.fixture
def server() -> Iterator[TmdbServer]:
    with TmdbServer() as server:
        yield server


def source(
    server: TmdbServer,
    releases: tuple[date, date] = AUGUST,
    changes: tuple[date, date] | None = None,
    token: str = TOKEN,
) -> TmdbSource:
    return TmdbSource(token=token, releases=releases, changes=changes, seen_on=TODAY, base_url=server.url)


def records(source: TmdbSource) -> list[Record]:
    return [record for batch in source.batches() for record in batch.records()]


def numbers(records: list[Record]) -> list[int]:
    """The numbers of the films, once each time that one comes."""
    return [int(record.key) for record in records if isinstance(record, Film)]


def delivered(server: TmdbServer, **fields: Any) -> Record:
    """What a film with these fields becomes."""
    server.films[7] = a_movie(7) | fields
    (record,) = records(source(server))
    return record


def film(server: TmdbServer, **fields: Any) -> Film:
    record = delivered(server, **fields)
    assert isinstance(record, Film), record
    return record


def fill(server: TmdbServer, films: int, days: tuple[date, date] = AUGUST) -> None:
    """Films on every day, in an order by title that is not that by number."""
    length = (days[1] - days[0]).days + 1
    for number in range(1, films + 1):
        day = days[0] + timedelta(days=number % length)
        server.films[number] = a_movie(number, day.isoformat(), original_title=f"{number * 7919 % 1000:03}")


def test_everything_released_in_the_window_arrives_once(server: TmdbServer) -> None:
    fill(server, 45)
    before, after = AUGUST[0] - timedelta(days=1), AUGUST[1] + timedelta(days=1)
    server.films[46], server.films[47] = a_movie(46, before.isoformat()), a_movie(47, after.isoformat())
    server.films[48], server.films[49] = a_movie(48, adult=True), a_movie(49, video=True)
    assert numbers(records(source(server))) == list(range(1, 46))
    assert len(server.asked("/movie/")) == 45


def test_films_come_in_the_order_of_their_numbers(server: TmdbServer) -> None:
    server.films = {number: a_movie(number) for number in (70_000, 1_024, 3, 512)}
    assert numbers(records(source(server))) == [3, 512, 1_024, 70_000]


def test_a_batch_is_a_month_of_releases_or_a_third_of_a_month_of_changes(server: TmdbServer) -> None:
    window = (date(2026, 12, 20), date(2027, 2, 10))
    changes = (date(2026, 10, 9), date(2026, 10, 31))
    assert [batch.name for batch in source(server, window, changes).batches()] == [
        "releases 2026-12-20..2026-12-31",
        "releases 2027-01-01..2027-01-31",
        "releases 2027-02-01..2027-02-10",
        "changes 2026-10-09..2026-10-10",
        "changes 2026-10-11..2026-10-20",
        "changes 2026-10-21..2026-10-31",
    ]
    assert not server.requests


def test_every_day_is_in_one_batch_and_tmdb_takes_every_window(server: TmdbServer) -> None:
    days = (date(2024, 1, 25), date(2024, 3, 2))  # with a February 29th
    first, last = days
    fill(server, (last - first).days + 1, days)
    for number, movie in server.films.items():
        server.changed[date.fromisoformat(movie["release_date"])].append(number)
    server.end_date_counts = False
    released = numbers(records(source(server, days)))
    changed = numbers(records(source(server, (TODAY, TODAY), days)))
    assert sorted(released) == sorted(changed) == list(server.films)


@pytest.mark.parametrize(("films", "day"), [(30, AUGUST), (9, (AUGUST[0], AUGUST[0])), (12, (AUGUST[0], AUGUST[0]))])
def test_days_with_more_films_than_tmdb_gives_are_divided(
    server: TmdbServer, monkeypatch: pytest.MonkeyPatch, films: int, day: tuple[date, date]
) -> None:
    monkeypatch.setattr(tmdb, "MAX_PAGES", 3)
    server.page_size, server.max_pages = 2, 3
    fill(server, films, day)
    assert numbers(records(source(server))) == list(range(1, films + 1))


def test_a_day_that_cannot_be_divided_is_named(server: TmdbServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tmdb, "MAX_PAGES", 3)
    server.page_size, server.max_pages = 2, 3
    fill(server, 13, (AUGUST[0], AUGUST[0]))
    with pytest.raises(SourceError, match="13 films at /discover/movie for 2026-08-01, on 7 pages"):
        records(source(server))


def test_many_changes_are_divided_and_none_is_lost_between_the_parts(
    server: TmdbServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tmdb, "MAX_PAGES", 3)
    server.page_size, server.max_pages, server.end_date_counts = 2, 3, False
    fill(server, 30)
    for number in server.films:
        server.changed[NOVEMBER[0] + timedelta(days=number % 8)].append(number)
    assert numbers(records(source(server, (TODAY, TODAY), NOVEMBER))) == list(range(1, 31))


@pytest.mark.parametrize("slip", [-1, 1])
def test_films_that_slip_through_between_two_pages_are_found_the_other_way_round(server: TmdbServer, slip: int) -> None:
    fill(server, 30)
    server.page_size, server.slip = 7, slip
    assert numbers(records(source(server))) == list(range(1, 31))


@pytest.mark.parametrize("end_date_counts", [False, True])
def test_a_change_on_the_last_day_arrives(server: TmdbServer, end_date_counts: bool) -> None:
    server.end_date_counts = end_date_counts
    server.films[1] = a_movie(1, "1999-03-30")
    server.change(1, on=NOVEMBER[1], vote_count=10, vote_average=8.25)
    (record,) = records(source(server, changes=NOVEMBER))
    assert isinstance(record, Film)
    assert record.rating is not None
    assert (record.rating.value, record.rating.votes, record.rating.observed_on) == (Decimal("8.25"), 10, TODAY)


def test_a_removed_film_is_withdrawn_and_an_entry_without_a_number_passed_over(server: TmdbServer) -> None:
    server.films = {1: a_movie(1), 2: a_movie(2, "1999-03-30")}
    server.changed[NOVEMBER[0]].append(None)
    server.remove(2, on=NOVEMBER[0])
    found = records(source(server, changes=NOVEMBER))
    assert found[1:] == [Withdrawal(key="2")]
    assert numbers(found) == [1]


@pytest.mark.parametrize("kind", ["adult", "video"])
def test_a_film_that_the_lists_now_leave_out_is_withdrawn(server: TmdbServer, kind: str) -> None:
    server.films[1] = a_movie(1)
    server.change(1, on=NOVEMBER[0], **{kind: True})
    assert records(source(server, changes=NOVEMBER)) == [Withdrawal(key="1")]


def test_a_film_that_goes_while_it_is_read_is_withdrawn(server: TmdbServer) -> None:
    server.films = {1: a_movie(1), 2: a_movie(2)}
    (batch,) = source(server).batches()
    server.fail("/movie/1", Fault(status=404, text='{"success": false, "status_code": 34}'))
    first, second = batch.records()
    assert first == Withdrawal(key="1")
    assert isinstance(second, Film)


def test_a_reader_that_was_killed_reads_the_batches_that_remain(server: TmdbServer) -> None:
    for film in catalogue():
        server.films[film["id"]] = film
    whole = (date(2026, 6, 1), date(2026, 11, 30))
    everything = numbers(records(source(server, whole)))
    done: dict[str, list[Record]] = {}
    server.requests.clear()
    for batch in source(server, whole).batches():
        if len(done) == 3:
            next(batch.records())  # killed in the fourth
            break
        done[batch.name] = list(batch.records())
    server.requests.clear()
    remaining = [batch for batch in source(server, whole).batches() if batch.name not in done]
    rest = numbers([record for batch in remaining for record in batch.records()])
    assert len(remaining) == 3
    assert [*numbers([r for batch in done.values() for r in batch]), *rest] == everything
    assert {int(request.path.split("/")[2]) for request in server.asked("/movie/")} == set(rest)


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"title": None}, "title"),
        ({"genres": "Drama"}, "genres|TypeError"),
        ({"revenue": -3}, "box_office.dollars"),
        ({"runtime": "long"}, "runtime_minutes"),
        ({"release_date": "2026-08-14, or so"}, "release_date"),
        ({"vote_count": 5, "vote_average": 11}, "rating.value"),
        ({"credits": {"cast": [{"id": 1, "name": "Nobody"}]}}, "order"),
        ({"imdb_id": "nm0000001"}, "ids"),
        ({"title": "a\0b"}, "title"),
    ],
)
def test_a_broken_answer_is_set_aside_with_its_reason_and_the_others_arrive(
    server: TmdbServer, broken: dict[str, Any], named: str
) -> None:
    server.films = {1: a_movie(1), 2: a_movie(2) | broken, 3: a_movie(3)}
    first, second, third = records(source(server, (date(2026, 8, 1), date(2026, 9, 30))))
    assert isinstance(second, Reject)
    assert any(name in second.reason for name in named.split("|")), second.reason
    assert '"id": 2' in second.raw
    assert numbers([first, third]) == [1, 3]


def test_an_answer_without_a_title_is_set_aside(server: TmdbServer) -> None:
    server.films[1] = {name: value for name, value in a_movie(1).items() if name != "title"}
    (record,) = records(source(server))
    assert isinstance(record, Reject)
    assert record.reason == "KeyError: 'title'"


@pytest.mark.parametrize("answer", ["{}", '{"results": 3, "total_pages": 1, "total_results": 1}'])
def test_a_list_of_another_shape_is_an_error_that_says_so(server: TmdbServer, answer: str) -> None:
    server.fail("/discover/movie", Fault(text=answer))
    with pytest.raises(SourceError, match="/discover/movie is not a list of films"):
        records(source(server))


def test_a_films_people_names_and_certificate(server: TmdbServer) -> None:
    cast = [
        {"id": 3, "name": "Third", "order": 2},
        {"id": 1, "name": "First", "order": 0},
        {"id": 2, "name": "Second", "order": 1},
        {"id": 1, "name": "First", "order": 3},
    ]
    crew = [{"id": 9, "name": "Editor", "job": "Editor"}, {"id": 4, "name": "Director", "job": "Director"}]
    releases = [
        {"iso_3166_1": "DE", "release_dates": [{"certification": "16"}]},
        {"iso_3166_1": "US", "release_dates": [{"certification": "", "type": 1}, {"certification": "PG-13"}]},
    ]
    described = film(
        server,
        credits={"cast": cast, "crew": crew},
        release_dates={"results": releases},
        keywords={"keywords": [{"id": 5, "name": "heist"}]},
        belongs_to_collection={"id": 8, "name": "The Collection"},
    )
    assert [(credit.name, credit.key, credit.billing) for credit in described.cast] == [
        ("First", "tmdb:1", 1),
        ("Second", "tmdb:2", 2),
        ("Third", "tmdb:3", 3),
    ]
    assert [(credit.name, credit.key) for credit in described.directors] == [("Director", "tmdb:4")]
    assert described.ids == ("tmdb:7", "imdb:tt0000007")
    assert (described.certification, described.keywords) == ("PG-13", ("heist",))
    assert described.collections == ("The Collection",)


def test_zero_is_unknown(server: TmdbServer) -> None:
    unknown = film(server, revenue=0, budget=0, runtime=0, vote_count=0, vote_average=0, imdb_id="")
    assert (unknown.box_office, unknown.budget, unknown.runtime_minutes, unknown.rating) == (None, None, None, None)
    assert unknown.ids == ("tmdb:7",)


def test_revenue_and_rating_are_as_of_today(server: TmdbServer) -> None:
    seen = film(server, revenue=1_000_000, vote_count=3, vote_average=7.333)
    assert seen.box_office is not None
    assert seen.rating is not None
    assert (seen.box_office.dollars, seen.box_office.observed_on) == (1_000_000, TODAY)
    assert (seen.rating.value, seen.rating.observed_on) == (Decimal("7.33"), TODAY)


def test_new_years_day_stands_for_some_day_of_the_year(server: TmdbServer) -> None:
    server.films[1] = a_movie(1, "2026-01-01")
    (record,) = records(source(server, (date(2026, 1, 1), date(2026, 1, 1))))
    assert isinstance(record, Film)
    assert (record.release_date, record.release_precision) == (date(2026, 12, 31), "year")


def test_the_location_tells_the_windows_and_not_the_token(server: TmdbServer) -> None:
    changes = (date(2026, 11, 20), TODAY)
    read = source(server, changes=changes)
    assert read.location == f"{server.url}?releases=2026-08-01..2026-08-31&changes=2026-11-20..2026-11-22"
    assert source(server).location == f"{server.url}?releases=2026-08-01..2026-08-31"
    assert TOKEN not in f"{read} {read!r} {list(read.batches())}"


def test_a_refused_token_costs_one_request(server: TmdbServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    fill(server, 45)
    with pytest.raises(SourceError, match="Airflow connection tmdb") as refused:
        records(source(server, token="wr0ng"))
    assert len(server.requests) == 1
    assert "wr0ng" not in f"{refused.value!r} {caplog.text}"


def test_an_address_where_nobody_listens_is_unavailable(server: TmdbServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    read = TmdbSource(token=TOKEN, releases=AUGUST, changes=None, seen_on=TODAY, base_url="http://127.0.0.1:1/3")
    with pytest.raises(SourceUnavailableError, match=r"no answer to /discover/movie \(ConnectError"):
        records(read)


def test_a_batch_says_how_many_films_it_is_going_to_fetch(server: TmdbServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="pel")
    fill(server, 3)
    records(source(server))
    assert "tmdb releases 2026-08-01..2026-08-31: 3 films, about 1 min" in caplog.text


def test_the_server_can_be_started_by_hand() -> None:
    command = [sys.executable, "-m", "tests.sources.tmdb_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answer = httpx.get(f"{url}/movie/1000", headers={"Authorization": f"Bearer {TOKEN}"})
        process.terminate()
    assert answer.json()["title"] == "Film 1000"
