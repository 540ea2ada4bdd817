"""TMDB's API, version 3, on this machine: as much of it as is asked for, its limits, and faults on demand.

In a test, ``with TmdbServer([a_movie(1)]) as server: server.url``; by hand, ``python -m tests.sources.tmdb_server``,
with a port if you like: it prints its address and serves a small catalogue to whoever shows :data:`TOKEN`, until it is
interrupted.
"""

import json
import math
import socket
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "token-for-the-server-on-this-machine"
APPENDABLE = {"credits", "keywords", "release_dates"}
ANSWERS = {  # as TMDB words them: developer.themoviedb.org/docs/errors
    5: (422, "Invalid parameters: Your request parameters are incorrect."),
    7: (401, "Invalid API key: You must be granted a valid key."),
    20: (422, "Invalid date range: Should be a range no longer than 14 days."),
    22: (400, "Invalid page: Pages start at 1 and max at 500. They are expected to be an integer."),
    34: (404, "The resource you requested could not be found."),
}
Answer = tuple[int, dict[str, Any]]


def a_movie(number: int, release_date: str = "2026-08-14", **fields: Any) -> dict[str, Any]:
    """What TMDB answers about a film, with everything that can be appended."""
    return {
        "adult": False,
        "belongs_to_collection": None,
        "budget": 0,
        "genres": [{"id": 18, "name": "Drama"}],
        "id": number,
        "imdb_id": f"tt{number:07}",
        "original_language": "en",
        "original_title": f"Film {number}",
        "popularity": 1.5,
        "production_companies": [{"id": 25, "logo_path": None, "name": "Company", "origin_country": "US"}],
        "production_countries": [{"iso_3166_1": "US", "name": "United States of America"}],
        "release_date": release_date,
        "revenue": 0,
        "runtime": 100,
        "spoken_languages": [{"english_name": "English", "iso_639_1": "en", "name": "English"}],
        "status": "Released",
        "title": f"Film {number}",
        "video": False,
        "vote_average": 0.0,
        "vote_count": 0,
        "credits": {"cast": [], "crew": []},
        "keywords": {"keywords": []},
        "release_dates": {"results": []},
        **fields,
    }


def catalogue() -> list[dict[str, Any]]:
    """Sixty films of 2026 and 2027, one every nine days, by five directors and with ten actors."""
    first = date(2026, 6, 1)
    return [
        a_movie(
            1000 + n,
            (first + timedelta(days=9 * n)).isoformat(),
            budget=10_000_000 + 1_000_000 * n,
            genres=[{"id": 18 + n % 3, "name": ("Drama", "Comedy", "Horror")[n % 3]}],
            credits={
                "crew": [{"id": 500 + n % 5, "name": f"Director {n % 5}", "job": "Director"}],
                "cast": [{"id": 600 + p % 10, "name": f"Actor {p % 10}", "order": p - n} for p in range(n, n + 4)],
            },
        )
        for n in range(60)
    ]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a request: it is answered late, with another status or text, or not at all."""

    status: int | None = None
    retry_after: str | None = None
    text: str | None = None
    drop: bool = False
    delay: float = 0.0


@dataclass(frozen=True)
class Request:
    """A request as the server saw it; times in seconds of ``time.monotonic()``."""

    at: float
    path: str
    query: dict[str, str]
    headers: dict[str, str]


class TmdbServer:
    """A server with films that may be changed while it runs.

    Attributes:
        films: What is answered, by number.
        changed: The numbers that ``/movie/changes`` lists, by day; None stands for an entry without a number.
        requests: What was asked, in order.
        page_size, max_pages: How long a list's pages are, and how many are given.
        slip: Films that drop out between two pages of a list, as if others were deleted while it is read.
        end_date_counts: Whether ``end_date`` is part of what ``/movie/changes`` lists.
        delay: How long every answer takes, in seconds.
    """

    def __init__(self, films: Iterable[dict[str, Any]] = (), *, port: int = 0) -> None:
        self.films: dict[int, dict[str, Any]] = {film["id"]: film for film in films}
        self.changed: dict[date, list[int | None]] = defaultdict(list)
        self.requests: list[Request] = []
        self.page_size = 20
        self.max_pages = 500
        self.slip = 0
        self.end_date_counts = True
        self.delay = 0.0
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._lock = Lock()
        self._http = _Listener(("127.0.0.1", port), self)
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/3"

    def __enter__(self) -> "TmdbServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def wait(self) -> None:
        """Serve for as long as nobody interrupts."""
        self._thread.join()

    def fail(self, path: str, *faults: Fault) -> None:
        """Let the next requests for the path go wrong, one fault each."""
        self._faults[path].extend(faults)

    def change(self, number: int, on: date, **fields: Any) -> None:
        """Change a film, and list it as changed."""
        self.films[number] = self.films[number] | fields
        self.changed[on].append(number)

    def remove(self, number: int, on: date) -> None:
        """Delete a film, and list it as changed."""
        del self.films[number]
        self.changed[on].append(number)

    def asked(self, path: str = "") -> list[Request]:
        """The requests whose path starts so."""
        return [request for request in self.requests if request.path.startswith(path)]

    def next_fault(self, request: Request) -> Fault:
        """Note the request; what is to go wrong with it."""
        with self._lock:
            self.requests.append(request)
            faults = self._faults[request.path]
            return faults.popleft() if faults else Fault(delay=self.delay)

    def answer(self, path: str, query: dict[str, str]) -> Answer:
        """Status and body of an answer without fault."""
        if path == "/discover/movie":
            return self._discover(query)
        if path == "/movie/changes":
            return self._changes(query)
        number = path.removeprefix("/movie/")
        return self._details(int(number), query) if number.isdecimal() else refusal(34)

    def _details(self, number: int, query: dict[str, str]) -> Answer:
        if number not in self.films:
            return refusal(34)
        left_out = APPENDABLE - set(query.get("append_to_response", "").split(","))
        return 200, {name: value for name, value in self.films[number].items() if name not in left_out}

    def _discover(self, query: dict[str, str]) -> Answer:
        field, direction = query.get("sort_by", "popularity.desc").removeprefix("primary_").split(".")
        first, last = query.get("primary_release_date.gte", ""), query.get("primary_release_date.lte", "9")
        hidden = {flag for flag in ("adult", "video") if query.get(f"include_{flag}", "false") == "false"}
        found = [
            film
            for film in self.films.values()
            if first <= (film.get("release_date") or "") <= last and not any(film.get(flag) for flag in hidden)
        ]
        found.sort(key=lambda film: (film.get(field) or "", film["id"]), reverse=direction == "desc")
        fields = ("adult", "id", "original_title", "release_date", "title", "video", "vote_average", "vote_count")
        return self._page(query, [{name: film.get(name) for name in fields} for film in found])

    def _changes(self, query: dict[str, str]) -> Answer:
        try:
            first, last = date.fromisoformat(query["start_date"]), date.fromisoformat(query["end_date"])
        except (KeyError, ValueError):
            return refusal(5)
        if (last - first).days + 1 > 14:
            return refusal(20)
        last -= timedelta(days=0 if self.end_date_counts else 1)
        numbers = dict.fromkeys(n for day in sorted(self.changed) if first <= day <= last for n in self.changed[day])
        adult = {number: self.films.get(number or 0, {}).get("adult") for number in numbers}
        return self._page(query, [{"id": number, "adult": adult[number]} for number in numbers])

    def _page(self, query: dict[str, str], found: list[dict[str, Any]]) -> Answer:
        page = int(query.get("page", 1))
        if not 1 <= page <= self.max_pages:
            return refusal(22)
        start = (page - 1) * (self.page_size + self.slip)
        return 200, {
            "page": page,
            "results": found[start : start + self.page_size],
            "total_pages": math.ceil(len(found) / self.page_size),
            "total_results": len(found),
        }


def refusal(code: int) -> Answer:
    """TMDB's answer with a status code of its own."""
    status, message = ANSWERS[code]
    return status, {"success": False, "status_code": code, "status_message": message}


class _Listener(ThreadingHTTPServer):
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], tmdb: TmdbServer) -> None:
        super().__init__(address, _Handler)
        self.tmdb = tmdb

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two packets: the second would wait 40 ms for the first's receipt
    server: _Listener

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        path, query = url.path.removeprefix("/3"), dict(parse_qsl(url.query))
        fault = self.server.tmdb.next_fault(Request(time.monotonic(), path, query, dict(self.headers)))
        time.sleep(fault.delay)
        if fault.drop:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        authorised = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        status, body = self.server.tmdb.answer(path, query) if authorised else refusal(7)
        text = json.dumps(body) if fault.text is None else fault.text
        self._send(fault.status or status, text, fault.retry_after)

    def _send(self, status: int, text: str, retry_after: str | None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(text.encode())))
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


if __name__ == "__main__":
    with TmdbServer(catalogue(), port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as running:
        print(running.url, flush=True)
        with suppress(KeyboardInterrupt):
            running.wait()
