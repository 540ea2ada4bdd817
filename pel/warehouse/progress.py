"""How far a long load is, and how long it still takes, in the log."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

SECONDS_BETWEEN_REPORTS = 5
LOOK_EVERY = 256  # items; the clock costs more than an item


class Progress:
    """Logs every few seconds what has been read.

    Args:
        what: What is being read.
        fraction: Tells which part of it has been read, 0 to 1; None where nobody knows.
        look_every: After so many items the clock is looked at.
    """

    def __init__(self, what: str, fraction: Callable[[], float] | None, look_every: int = LOOK_EVERY) -> None:
        self._what = what
        self._fraction = fraction
        self._look_every = look_every
        self._started = self._reported = time.monotonic()

    def of(self, items: Iterable[Item], name: str) -> Iterator[Item]:
        """The items, one by one."""
        for number, item in enumerate(items, 1):
            yield item
            if number % self._look_every == 0 and time.monotonic() - self._reported > SECONDS_BETWEEN_REPORTS:
                self._report(f"{number:,} {name} read")

    def _report(self, done: str) -> None:
        self._reported = time.monotonic()
        left = ""
        if self._fraction and (fraction := self._fraction()):
            seconds = (self._reported - self._started) * (1 - fraction) / fraction
            left = f" ({fraction:.0%}, about {seconds:.0f} s left)"
        logger.info("%s: %s%s", self._what, done, left)
