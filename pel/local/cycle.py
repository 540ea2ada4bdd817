"""One full cycle of the pipeline through Airflow, followed from ingest to forecasts.

The first DAG is triggered; the others start by themselves when an asset of the one before changes. A run belongs to
the cycle when an asset event of the cycle's runs started it: times would not tell, since Airflow starts a follower
before it closes the run it follows, and merges events that come close together.
"""

import re
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from rich.console import Console

from pel.local.airflow_api import AirflowApi, Json
from pel.local.errors import LocalError
from pel.local.progress import Progress
from pel.local.stack import open_stack
from pel.settings import Settings

BACKTEST = "replay_history"
CHAIN = ("ingest_releases", "temporal_deltas", "pretrain_ratings", "finetune_box_office", "publish_predictions")

PARSE_SECONDS = 180
CYCLE_SECONDS = 3 * 3600
BACKTEST_SECONDS = 24 * 3600
# Between the end of a run that reported something new and the start of its follower: one round of the scheduler.
FOLLOWER_SECONDS = 60
POLL_SECONDS = 1.0
LOG_LINES = 30
# Tasks that may take minutes and say how far they are, and what such a line of their log has in it.
LOADS = {"ingest"}
READ = re.compile(r"\d (records|user ratings) read")

Run = tuple[str, str]


def run(settings: Settings, as_of: date | None = None, *, console: Console | None = None) -> None:
    """Run one cycle and return when its last DAG has ended.

    Args:
        settings: The installation's settings; it has to be up.
        as_of: Date from which this cycle looks; None leaves it to the installation.
        console: Where to show progress.

    Raises:
        LocalError: A DAG cannot be read, is paused or failed, or the cycle takes more than three hours.
    """
    api = open_stack(settings).api
    with Progress(console or Console()) as progress:
        Cycle(api, progress).follow({"as_of": as_of.isoformat()} if as_of else {})


def ingest(settings: Settings, form: dict[str, Any], *, console: Console) -> None:
    """Take films in, as the form of the first DAG says; the others follow by themselves.

    Returns when the run of that DAG has ended. Raises LocalError as :func:`run` does.
    """
    api = open_stack(settings).api
    with Progress(console) as progress:
        Cycle(api, progress).start(CHAIN, form)


def backtest(settings: Settings, form: dict[str, Any], *, console: Console) -> None:
    """Replay past dates, as the form of the DAG says.

    Returns when all are done. Raises LocalError as :func:`run` does, after a day at the latest.
    """
    api = open_stack(settings).api
    with Progress(console) as progress:
        Cycle(api, progress, seconds=BACKTEST_SECONDS).start([BACKTEST], form)


class Cycle:
    """One way through the chain of DAGs.

    Args:
        api: Airflow's REST API.
        progress: Where to show it.
        seconds: How long it may take.
    """

    def __init__(self, api: AirflowApi, progress: Progress, *, seconds: int = CYCLE_SECONDS) -> None:
        self._api = api
        self._progress = progress
        self._runs: list[Run] = []
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def start(self, dag_ids: Sequence[str], conf: dict[str, Any]) -> None:
        """Trigger the first of these DAGs, all of which are needed, with this configuration and follow its run."""
        self._wait_until_parsed(dag_ids)
        first = (dag_ids[0], f"cycle__{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}")
        self._api.trigger(*first, conf)
        self._finish(first)

    def follow(self, conf: dict[str, Any]) -> None:
        """Trigger the first DAG with this configuration and follow the chain to its end."""
        self.start(CHAIN, conf)
        for dag_id in CHAIN[1:]:
            if run := self._find_follower(dag_id):
                self._finish(run)
            else:
                self._progress.note(dag_id, "not needed: nothing new for it")

    def _wait_until_parsed(self, dag_ids: Sequence[str]) -> None:
        deadline = time.monotonic() + PARSE_SECONDS
        for dag_id in dag_ids:
            while (dag := self._api.dag(dag_id)) is None:
                errors = self._api.import_errors()
                if errors or time.monotonic() > deadline:
                    reason = "\n".join(errors) or f"the dag-processor has not read it in {PARSE_SECONDS} s"
                    raise LocalError(f"Airflow does not know the DAG {dag_id}: {reason}")
                time.sleep(POLL_SECONDS)
            if dag["is_paused"]:
                raise LocalError(f"The DAG {dag_id} is paused; switch it on in the Airflow UI, then run again.")

    def _finish(self, run: Run) -> None:
        """Show the run until it has ended; raises LocalError when it failed."""
        self._runs.append(run)
        while True:
            state, tasks = self._api.run(*run), self._api.tasks(*run)
            self._progress.show(state, tasks, self._last_words(tasks))
            if state["state"] == "success":
                return
            if state["state"] == "failed":
                raise LocalError(self._why_failed(run, tasks))
            self._pause(run[0])

    def _last_words(self, tasks: list[Json]) -> str:
        """How far a long load is, as its log says."""
        for task in tasks:
            if task["state"] == "running" and task["task_id"] in LOADS:
                return next((line for line in reversed(self._api.log(task)) if READ.search(line)), "").removeprefix(
                    "info "
                )
        return ""

    def _find_follower(self, dag_id: str) -> Run | None:
        """The run that this cycle started; None when the runs so far had nothing new for it."""
        deadline = time.monotonic() + (FOLLOWER_SECONDS if self._api.has_emitted(*self._runs[-1]) else 0)
        while True:
            for candidate in self._api.latest_runs(dag_id):
                run = (dag_id, candidate["dag_run_id"])
                if self._api.source_runs(*run).intersection(self._runs):
                    return run
            if time.monotonic() > deadline and not self._api.awaits_run(dag_id):
                return None
            self._pause(dag_id)

    def _pause(self, dag_id: str) -> None:
        if time.monotonic() > self._deadline:
            raise LocalError(
                f"The cycle has not ended in {self._seconds // 3600} hours; it is at {dag_id}. "
                "It goes on in Airflow; look there what it waits for."
            )
        time.sleep(POLL_SECONDS)

    def _why_failed(self, run: Run, tasks: list[Json]) -> str:
        failed = [task for task in tasks if task["state"] == "failed"]
        if not failed:
            return f"The DAG {run[0]} failed (run {run[1]}); no task of it says why."
        lines = "\n".join(self._api.log(failed[0])[-LOG_LINES:])
        return f"The task {failed[0]['task_id']} of the DAG {run[0]} failed (run {run[1]}). Its last lines:\n{lines}"
