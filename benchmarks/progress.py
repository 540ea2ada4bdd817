"""One line of progress on stderr."""

import resource
import sys
import time


def show(what: str, done: int, of: int) -> None:
    """One line of progress, on the line of the last one; what is logged next takes its place."""
    sys.stderr.write(f"{what}: {done} of {of}".ljust(60) + "\r")


class Remaining:
    """The same with the time left, as if every one of so many fits took as long as those so far."""

    def __init__(self, fits: int) -> None:
        self._fits, self._done, self._started = fits, 0, time.perf_counter()

    def show(self, what: str, done: int, of: int) -> None:
        """One fit more is done."""
        self._done += 1
        seconds = (time.perf_counter() - self._started) / self._done * (self._fits - self._done)
        show(f"{seconds / 60:.0f} min left; {what}", done, of)


class Stages:
    """The same, and how long each stage took and how much memory there had been by its end."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}
        self._before = time.perf_counter()

    def show(self, what: str, done: int, of: int) -> None:
        """One step of a stage is done."""
        now = time.perf_counter()
        seconds = self.stages.get(what, {"seconds": 0.0})["seconds"] + now - self._before
        self.stages[what] = {
            "seconds": seconds,
            "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        self._before = now
        show(what, done, of)
