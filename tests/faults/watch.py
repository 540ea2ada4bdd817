"""Someone who reads the forecasts all the while."""

import threading
import time
from typing import Self

import psycopg

SECONDS_BETWEEN_LOOKS = 0.2
FORECASTS = "select count(predicted_dollars) > 0 from upcoming_predictions"


class Reader:
    """Asks for the upcoming films' forecasts again and again; use it as a context manager.

    Args:
        url: The database, as the role of readers.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._looks: list[tuple[float, bool]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def looks(self) -> int:
        """How often there was an answer."""
        return sum(answered for _, answered in self._looks)

    def unread(self, since: float = 0) -> float:
        """Seconds, of those since that moment, from a look that failed to the next that did not."""
        seconds, failed_at = 0.0, None
        for moment, answered in list(self._looks):
            if not answered and moment >= since:
                failed_at = failed_at or moment
            elif failed_at:
                seconds, failed_at = seconds + moment - failed_at, None
        return seconds + (time.monotonic() - failed_at if failed_at else 0)

    def _read(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            began = time.monotonic()
            self._looks.append((began, self._sees_forecasts()))

    def _sees_forecasts(self) -> bool:
        try:
            with psycopg.connect(self._url, connect_timeout=5) as connection:
                connection.execute("set statement_timeout = '5s'")
                return connection.execute(FORECASTS).fetchone() == (True,)
        except psycopg.Error:
            return False
