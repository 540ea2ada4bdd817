"""What all that can be broken has in common: an Airflow through which a cycle runs, and the rows it leaves."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import psycopg
from rich.console import Console

from pel.local.airflow_api import AirflowApi
from pel.local.cycle import CHAIN, Cycle
from pel.local.errors import LocalError
from pel.local.progress import Progress
from pel.warehouse.provision import PIPELINE

PATIENCE_SECONDS = 1800
LIVE = {"queued", "running", "restarting"}


class System(ABC):
    """An Airflow and a Postgres that run."""

    @property
    @abstractmethod
    def api(self) -> AirflowApi: ...

    @property
    @abstractmethod
    def ui_url(self) -> str: ...

    @abstractmethod
    def url(self, role: str = PIPELINE) -> str: ...

    @abstractmethod
    def programs_run(self) -> bool: ...

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url()) as connection:
            return connection.execute(statement).fetchall()

    @contextmanager
    def cycle(self, **conf: str) -> Iterator[Future[None]]:
        """A cycle through Airflow that has to come to its end, whatever is broken meanwhile."""
        with ThreadPoolExecutor(1) as pool, Progress(Console(quiet=True)) as progress:
            followed = pool.submit(Cycle(self.api, progress).follow, conf)
            yield followed
            followed.result(PATIENCE_SECONDS)
        self.wait_until(self.is_quiet)

    def until_well(self, happens: Callable[[], object], came_back: Callable[[], bool] = lambda: True) -> float:
        """After how many seconds all is well again."""
        began, began_on = time.monotonic(), datetime.now(UTC)
        happens()
        self.wait_until(lambda: came_back() and self.is_well(began_on))
        return time.monotonic() - began

    def is_well(self, since: datetime) -> bool:
        """Whether all programs run and all of Airflow's parts have given a sign of life since then."""
        if not self.programs_run() or self.api.unhealthy():
            return False
        health = httpx.get(f"{self.ui_url}/api/v2/monitor/health").json()
        beats = [health[part][f"latest_{part}_heartbeat"] for part in ("scheduler", "triggerer", "dag_processor")]
        return all(datetime.fromisoformat(beat) > since for beat in beats)

    def runs(self, dag_id: str, states: set[str]) -> list[dict[str, Any]]:
        """The latest runs of the DAG that are in such a state."""
        return [run for run in self.api.latest_runs(dag_id) if run["state"] in states]

    def task(self, dag_id: str, task_id: str, states: set[str]) -> dict[str, Any] | None:
        """A task instance of the newest run of the DAG, if one is in such a state."""
        for run in self.api.latest_runs(dag_id)[:1]:
            for task in self.api.tasks(dag_id, run["dag_run_id"]):
                if task["task_id"] == task_id and task["state"] in states:
                    return task
        return None

    def until_done(self, task: dict[str, Any]) -> dict[str, Any]:
        """The same task instance, once it has succeeded, at whichever try."""

        def done() -> dict[str, Any] | None:
            for other in self.api.tasks(task["dag_id"], task["dag_run_id"]):
                if all(other[key] == task[key] for key in ("task_id", "map_index")) and other["state"] == "success":
                    return other
            return None

        return self.wait_until(done)

    def wait_until(self, true: Callable[[], Any]) -> Any:
        """What it says, once that is true; a part that is away meanwhile is no answer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                if answer := true():
                    return answer
            except (LocalError, psycopg.OperationalError, httpx.HTTPError, OSError):
                pass
            assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS} s in vain"
            time.sleep(0.1)

    def is_quiet(self) -> bool:
        return not any(self.api.awaits_run(dag_id) or self.runs(dag_id, LIVE) for dag_id in CHAIN)
