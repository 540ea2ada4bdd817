"""Peak memory of this process and of a Postgres server, sampled."""

import resource
import threading
from typing import Self

import psutil

SECONDS_BETWEEN_SAMPLES = 0.5


class PeakMemory:
    """Samples while the block runs. ``python`` is this process's peak, ``postgres`` that of the server's processes.

    Both in MB; the server's is the sum of proportional set sizes, in which shared memory counts once.
    """

    def __init__(self, postgres_pid: int) -> None:
        self._server = psutil.Process(postgres_pid)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.postgres = 0

    @property
    def python(self) -> int:
        """Peak resident set size so far."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(SECONDS_BETWEEN_SAMPLES):
            self.postgres = max(self.postgres, self._postgres_now())

    def _postgres_now(self) -> int:
        total = 0
        for process in [self._server, *self._server.children(recursive=True)]:
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue  # it has just ended
        return total // 2**20
