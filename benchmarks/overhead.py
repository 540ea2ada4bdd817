"""What Airflow costs: a whole chain through it, beside the same steps in one process, in turns and from the same state.

Usage: python -m benchmarks.overhead [AS_OF [ROUNDS]]; starts an installation of its own, whose database is empty before
every run, and writes benchmarks/results/overhead.json.
"""

import json
import logging
import os
import resource
import shutil
import statistics
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from rich.console import Console

from benchmarks.footprint import cpu_seconds
from benchmarks.record import MACHINE, keep, speak_plainly
from pel.local import cycle, stack
from pel.local.airflow_api import Json
from pel.settings import PROJECT, Settings
from pel.warehouse.provision import OWNER

logger = logging.getLogger("benchmarks")

AS_OF = "2014-01-01"
ROUNDS = "3"
EMPTY = "pel_empty"
WANTED = {"seconds": 60, "share": 0.25}

Seconds = dict[str, float]


class Overhead:
    """The rounds on one installation."""

    def __init__(self, settings: Settings, as_of: date) -> None:
        self.settings = settings
        self.as_of = as_of
        stack.up(settings)
        self.stack = stack.open_stack(settings)
        self.artifacts = self.stack.home.folder / "artifacts"
        self._keep_empty()

    def run(self, rounds: int) -> dict[str, Any]:
        """In turns, so that what else the machine does falls on both."""
        chains, alone = [], []
        for number in range(1, rounds + 1):
            chains.append(self.chain())
            alone.append(self.steps())
            logger.info(
                "round %s of %s: %.0f s through Airflow, %.0f s in one process",
                number, rounds, chains[-1]["seconds"], alone[-1]["seconds"],
            )  # fmt: skip
        return {"as_of": self.as_of.isoformat()} | figures(chains, alone)

    def chain(self) -> Seconds:
        """One chain through Airflow: seconds from the trigger to the last success, and where they went."""
        self._begin()
        computed = self._cpu_seconds()
        with Path(os.devnull).open("w") as nowhere:
            cycle.run(self.settings, self.as_of, console=Console(file=nowhere))
        runs = [(dag_id, self.stack.api.latest_runs(dag_id)[0]) for dag_id in cycle.CHAIN]
        tasks = [task for dag_id, run in runs for task in self.stack.api.tasks(dag_id, run["dag_run_id"])]
        seconds = _moment(runs[-1][1]["end_date"]) - _moment(runs[0][1]["queued_at"])
        in_tasks = _covered(tasks)
        return {
            "seconds": seconds,
            "CPU seconds": self._cpu_seconds() - computed,
            "in tasks": in_tasks,
            "between tasks": seconds - in_tasks,
            "tasks": sum(bool(task["duration"]) for task in tasks),
        }

    def steps(self) -> Seconds:
        """The same steps in one process, from the first to the last; Airflow idles beside it."""
        self._begin()
        computed = self._cpu_seconds()
        command = [sys.executable, "-m", "benchmarks.steps", self.as_of.isoformat()]
        environment = self.stack.environment()
        done = subprocess.run(command, env=environment, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True)
        return {"seconds": float(done.stdout.splitlines()[-1]), "CPU seconds": self._cpu_seconds() - computed}

    def _cpu_seconds(self) -> float:
        """What Airflow with its tasks, Postgres and the processes started from here have computed so far."""
        ours = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cpu_seconds(self.stack.supervisor.pids()) + ours.ru_utime + ours.ru_stime

    def _keep_empty(self) -> None:
        """Keep a copy of the database as it is after the migrations."""
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            connection.execute(f"drop database if exists {EMPTY}")
            connection.execute(f"create database {EMPTY} template pel owner {OWNER}")

    def _begin(self) -> None:
        """The database as after the migrations, and no artifacts."""
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            connection.execute("drop database pel with (force)")
            connection.execute(f"create database pel template {EMPTY} owner {OWNER}")
        shutil.rmtree(self.artifacts, ignore_errors=True)

    @property
    def _admin_url(self) -> str:
        return self.stack.postgres.admin_url


def figures(chains: list[Seconds], alone: list[Seconds]) -> dict[str, Any]:
    """Median and spread of both, and of what the one takes longer than the other in the same round."""
    overhead = [chain["seconds"] - steps["seconds"] for chain, steps in zip(chains, alone, strict=True)]
    shares = [seconds / steps["seconds"] for seconds, steps in zip(overhead, alone, strict=True)]
    return {
        "machine": MACHINE,
        "rounds": len(chains),
        "through Airflow": {name: _spread([chain[name] for chain in chains]) for name in chains[0]},
        "in one process": {name: _spread([steps[name] for steps in alone]) for name in alone[0]},
        "overhead": {"seconds": _spread(overhead), "share": _spread(shares)},
        "wanted below": WANTED,
    }


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 3),
        "least": round(min(values), 3),
        "most": round(max(values), 3),
    }


def _covered(tasks: list[Json]) -> float:
    """Seconds in which at least one task ran."""
    spans = sorted((_moment(t["start_date"]), _moment(t["end_date"])) for t in tasks if t["duration"])
    covered, until = 0.0, 0.0
    for start, end in spans:
        covered += max(0.0, end - max(start, until))
        until = max(until, end)
    return covered


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def main(as_of: str = AS_OF, rounds: str = ROUNDS) -> None:
    """Run, show and keep the figures."""
    speak_plainly()
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        os.environ |= {"PEL_HOME": folder, "PEL_SOURCE": "wikidata", "PEL_DATA": "", "PEL_AS_OF": as_of}
        settings = Settings.from_environment()
        try:
            found = Overhead(settings, date.fromisoformat(as_of)).run(int(rounds))
        finally:
            stack.clean(settings)
    keep("overhead", found)
    logger.info("%s", json.dumps(found, indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
