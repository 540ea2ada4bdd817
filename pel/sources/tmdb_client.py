"""Asks TMDB's API, version 3: at the pace it bears, again when it falters, and with the token out of sight.

What another try may mend ends as :class:`SourceUnavailableError`, upon which Airflow tries the task again; what needs a
person ends as :class:`~pel.sources.records.SourceError`, upon which it does not.
"""

import logging
import re
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any

import httpx
from tenacity import RetryCallState, retry, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from pel.sources.records import SourceError

logger = logging.getLogger(__name__)

BASE_URL = "https://api.themoviedb.org/3"
REQUESTS_PER_SECOND = 30  # TMDB bears about 40 and may change that (developer.themoviedb.org/docs/rate-limiting)
THREADS = 8  # an answer takes 0.1 to 0.25 s: one thread would reach 4 to 10 requests a second
LOOK_AHEAD = 64  # answers fetched before they are asked for: two seconds' worth, which one slow answer cannot stall
TIMEOUT_SECONDS = 30
ATTEMPTS = 7  # with the waits between them, half a minute of trouble is sat out
BACK_OFF = wait_exponential_jitter(initial=0.5, max=30, jitter=0.5)
LONGEST_PAUSE_SECONDS = 60  # if TMDB asks for more, it is asked again after this
GONE = {6, 34}  # TMDB's codes for "invalid id" and "not found"; any other 404 is not TMDB's, and says nothing of a film

Query = Mapping[str, str | int]
Answer = dict[str, Any]


class SourceUnavailableError(Exception):
    """A source that cannot be read just now; another try may succeed."""


class _FaultError(Exception):
    """An answer, or none, that may be better the next time."""

    def __init__(self, what: str, pause: float | None = None) -> None:
        super().__init__(what)
        self.pause = pause  # seconds for which the server asks to be left alone


class _Pace:
    """Lets threads pass one by one, never faster than the pace and not at all during a pause."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._free_at = 0.0

    def wait(self) -> None:
        """Return when the next request may go out."""
        while (seconds := self._seconds_to_wait()) > 0:
            time.sleep(seconds)

    def pause(self, seconds: float) -> None:
        """Let nobody pass for so long."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def _seconds_to_wait(self) -> float:
        """0 for the one who may pass."""
        with self._lock:
            now = time.monotonic()
            if now < self._free_at:
                return self._free_at - now
            self._free_at = now + 1 / REQUESTS_PER_SECOND
            return 0.0


def _seconds_before_retry(state: RetryCallState) -> float:
    """0 where the server named a pause: :class:`_Pace` sits it out, for all threads."""
    fault = state.outcome.exception() if state.outcome else None
    return 0.0 if isinstance(fault, _FaultError) and fault.pause is not None else BACK_OFF(state)


def _log_retry(state: RetryCallState) -> None:
    logger.info("TMDB: %s; trying again", state.outcome.exception() if state.outcome else "no answer")


class TmdbClient:
    """TMDB, asked with a token; a context manager that closes its connections."""

    def __init__(self, token: str, *, base_url: str = BASE_URL) -> None:
        if not re.fullmatch(r"[!-~]+", token):  # httpx would quote the header that it cannot send, token and all
            raise SourceError(_refused("it is empty, or holds characters that no token has"))
        self._http = httpx.Client(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json"},
            timeout=TIMEOUT_SECONDS,
        )
        self._pace = _Pace()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="tmdb")

    def __enter__(self) -> "TmdbClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        self._http.close()

    def get(self, path: str, query: Query) -> Answer | None:
        """The answer; None if TMDB has no such thing (any more).

        Raises:
            SourceError: TMDB refuses the token or the request; trying again cannot help.
            SourceUnavailableError: TMDB did not answer properly, however often it was asked.
        """
        try:
            return self._ask(path, query)
        except _FaultError as fault:
            raise SourceUnavailableError(
                f"TMDB cannot be read: {fault}, in the last of {ATTEMPTS} attempts. "
                "The task is tried again by itself; what has been taken in stays."
            ) from fault

    def get_each(self, requests: Iterable[tuple[str, Query]]) -> Iterator[Answer | None]:
        """The answers in the order of the requests, several fetched at a time; raises as :meth:`get` does."""
        fetched: deque[Future[Answer | None]] = deque()
        for path, query in requests:
            fetched.append(self._threads.submit(self.get, path, query))
            if len(fetched) == LOOK_AHEAD:
                yield fetched.popleft().result()
        while fetched:
            yield fetched.popleft().result()

    @retry(
        retry=retry_if_exception_type(_FaultError),
        wait=_seconds_before_retry,
        stop=stop_after_attempt(ATTEMPTS),
        before_sleep=_log_retry,
        reraise=True,
    )
    def _ask(self, path: str, query: Query) -> Answer | None:
        self._pace.wait()
        try:
            answer = self._http.get(path, params=query)
        except httpx.RequestError as error:
            raise _FaultError(f"no answer to {path} ({type(error).__name__}: {error})") from error
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
            pause = _retry_after(answer.headers.get("Retry-After", ""))
            self._pace.pause(pause or 0)
            raise _FaultError(f"{path} is answered with {answer.status_code} {answer.reason_phrase}", pause)
        return _content(path, answer)


def _content(path: str, answer: httpx.Response) -> Answer | None:
    """What an answer says that is final."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    message = body.get("status_message") if isinstance(body, dict) else None
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise SourceError(_refused(f"{answer.status_code}: {message or answer.reason_phrase}"))
    if not isinstance(body, dict):
        raise _FaultError(f"{path} is answered with {answer.status_code} and something other than a JSON object")
    if answer.status_code == httpx.codes.NOT_FOUND and body.get("status_code") in GONE:
        return None
    if not answer.is_success:
        raise SourceError(
            f"TMDB refuses {path} with {answer.status_code}: {message or 'no reason given'}. "
            "If the address is right, its API has changed, and so must pel.sources.tmdb."
        )
    return body


def _refused(why: str) -> str:
    return (
        f"TMDB refuses the token of the Airflow connection tmdb ({why}). It takes the API Read Access Token of "
        "themoviedb.org/settings/api: airflow connections add tmdb --conn-type http --conn-password TOKEN, "
        "or the environment variable AIRFLOW_CONN_TMDB."
    )


def _retry_after(text: str) -> float | None:
    """The pause (seconds) that a Retry-After asks for, by number or date (RFC 9110, 10.2.3); None if it does not."""
    try:
        seconds = float(text) if text.isdecimal() else (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)
