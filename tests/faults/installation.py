"""A real installation to break: Postgres, the supervisor and Airflow, with the demo's films up to 1986.

As of 1985 all is done before anything is broken. What is broken then is a cycle as of 1986, for which the source has
new films, and which pre-trains, fine-tunes, decides and publishes.
"""

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from psycopg import sql
from rich.console import Console

from pel.local import airflow, stack
from pel.local.cycle import CHAIN, Cycle
from pel.local.errors import LocalError
from pel.local.ports import free_port
from pel.local.progress import Progress
from pel.local.stack import POSTGRES_GROUP
from pel.settings import Settings
from pel.sources import make_source
from pel.sources.wikidata import WikidataSource
from pel.warehouse.ingest import ingest
from pel.warehouse.provision import OWNER, PIPELINE, ROLES, provision
from pel.warehouse.resolve import resolve
from tests.chain import run_chain
from tests.faults.rows import Rows, rows_of

BEFORE, AS_OF = date(1985, 1, 1), date(1986, 1, 1)
# What comes out later is not in the source; what comes out from BEFORE's horizon on arrives with the broken cycle.
LAST_RELEASE, ARRIVES = "1987-01-01", "1986-01-02"
PATIENCE_SECONDS = 1800
LIVE = {"queued", "running", "restarting"}


class Installation:
    """The installation of one folder.

    Args:
        folder: An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self._source = folder / "movies.db"
        self._kept = folder / "artifacts-before"
        self.settings = Settings(
            home=folder / "home",
            as_of=AS_OF,
            source="wikidata",
            data=str(self._source),
            artifacts_url=(folder / "artifacts").as_uri(),
            ui_port=free_port(),
        )
        self._artifacts = folder / "artifacts"

    @property
    def stack(self) -> stack.Stack:
        return stack.open_stack(self.settings)

    def url(self, role: str = PIPELINE) -> str:
        return self.stack.url(role)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url()) as connection:
            return connection.execute(statement).fetchall()

    def prepare(self) -> Rows:
        """Start it, do all there is to do as of BEFORE, keep that; returns what an undisturbed AS_OF adds to it."""
        self.up()
        shutil.copy(WikidataSource().location, self._source)
        self._delete_films(f"Released >= '{LAST_RELEASE}' or Released is null")
        whole = self._source.read_bytes()
        self._delete_films(f"Released >= '{ARRIVES}'")
        with self._as_pipeline():
            self._take_in()
            run_chain(BEFORE)
            self._source.write_bytes(whole)
            self._copy_database("pel", "before")
            shutil.copytree(self._artifacts, self._kept)
            self._take_in()
            run_chain(AS_OF)
        return rows_of(self.rows)

    def restore(self) -> None:
        """As it was before the cycle."""
        self.wait_until(self._is_quiet)
        self._copy_database("before", "pel")
        shutil.rmtree(self._artifacts)
        shutil.copytree(self._kept, self._artifacts)

    @contextmanager
    def cycle(self) -> Iterator[Future[None]]:
        """A cycle through Airflow that has to come to its end, whatever is broken meanwhile."""
        with ThreadPoolExecutor(1) as pool, Progress(Console(quiet=True)) as progress:
            followed = pool.submit(Cycle(self.stack.api, progress).follow, {})
            yield followed
            followed.result(PATIENCE_SECONDS)
        self.wait_until(self._is_quiet)

    def pids(self) -> dict[str, int]:
        return self.stack.supervisor.pids()

    def kill(self, program: str) -> float:
        """Kill a program with SIGKILL; returns after how many seconds it runs again and all is well."""
        pid = self.pids()[program]
        return self._until_well(lambda: os.kill(pid, signal.SIGKILL), lambda: self.pids().get(program, pid) != pid)

    def take_postgres_away(self, seconds: float) -> float:
        """Stop Postgres for so long; returns how many seconds after its return all is well."""
        self.stack.supervisor._rpc.supervisor.stopProcess(f"{POSTGRES_GROUP}:postgres")
        time.sleep(seconds)
        return self._until_well(lambda: self.stack.supervisor.run(POSTGRES_GROUP))

    def kill_supervisor(self) -> None:
        """Kill the supervisor with SIGKILL."""
        supervisord = psutil.Process(int((self.settings.home / "supervisord.pid").read_text()))
        supervisord.kill()
        supervisord.wait()

    def up(self) -> float:
        """``pel up``; returns after how many seconds all is well."""
        return self._until_well(lambda: self.wait_until(lambda: stack.up(self.settings)))

    def _until_well(self, happens: Callable[[], object], came_back: Callable[[], bool] = lambda: True) -> float:
        began, began_on = time.monotonic(), datetime.now(UTC)
        happens()
        self.wait_until(lambda: came_back() and self.is_well(began_on))
        return time.monotonic() - began

    def is_well(self, since: datetime) -> bool:
        """Whether all programs run and all of Airflow's parts have given a sign of life since then."""
        if set(self.stack.supervisor.states().values()) != {"RUNNING"} or self.stack.api.unhealthy():
            return False
        health = httpx.get(f"{airflow.ui_url(self.stack.ports['ui'])}/api/v2/monitor/health").json()
        beats = [health[part][f"latest_{part}_heartbeat"] for part in ("scheduler", "triggerer", "dag_processor")]
        return all(datetime.fromisoformat(beat) > since for beat in beats)

    def runs(self, dag_id: str, states: set[str]) -> list[dict[str, Any]]:
        """The latest runs of the DAG that are in such a state."""
        return [run for run in self.stack.api.latest_runs(dag_id) if run["state"] in states]

    def task(self, dag_id: str, task_id: str, states: set[str]) -> dict[str, Any] | None:
        """A task instance of the newest run of the DAG, if one is in such a state."""
        for run in self.stack.api.latest_runs(dag_id)[:1]:
            for task in self.stack.api.tasks(dag_id, run["dag_run_id"]):
                if task["task_id"] == task_id and task["state"] in states:
                    return task
        return None

    def process_of(self, task: dict[str, Any]) -> psutil.Process | None:
        """The process that does the task; the one that watches over it is its parent."""
        title = f"airflow worker -- {task['id']}"
        for process in psutil.process_iter():
            try:
                if process.cmdline()[:1] == [title]:
                    return process
            except psutil.Error:
                continue
        return None

    @contextmanager
    def closed(self, table: str) -> Iterator[None]:
        """Nobody may write to the table meanwhile, or until Postgres goes away."""
        with suppress(psycopg.OperationalError), psycopg.connect(self.url(OWNER)) as gate:
            gate.execute(sql.SQL("lock table pel.{} in share mode").format(sql.Identifier(table)))
            yield

    @contextmanager
    def held_at(self, table: str) -> Iterator[None]:
        """With a step that waits in the middle of its transaction to write to the table."""
        with self.closed(table):
            self.wait_until(self._waits_for_a_lock)
            yield

    def _waits_for_a_lock(self) -> bool:
        return bool(
            self.rows("select from pg_stat_activity where application_name = 'pel' and wait_event_type = 'Lock'")
        )

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

    def _is_quiet(self) -> bool:
        api = self.stack.api
        return not any(api.awaits_run(dag_id) or self.runs(dag_id, LIVE) for dag_id in CHAIN)

    def _delete_films(self, condition: str) -> None:
        database = sqlite3.connect(self._source)
        database.execute(f"delete from omdb where {condition}")
        database.commit()
        database.close()

    def _take_in(self) -> None:
        ingest(make_source(self.settings.source, self.settings.data), settle_days=self.settings.settle_days)
        resolve(settle_days=self.settings.settle_days)

    @contextmanager
    def _as_pipeline(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("PEL_DATABASE_URL", self.url())
            environment.setenv("PEL_ARTIFACTS_URL", self.settings.artifacts_url)
            yield

    def _copy_database(self, template: str, name: str) -> None:
        with psycopg.connect(self.stack.postgres.admin_url, autocommit=True) as connection:
            names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
            connection.execute(sql.SQL("drop database if exists {name} with (force)").format(**names))
            connection.execute(sql.SQL("create database {name} template {template} owner pel_owner").format(**names))
        provision(self.stack.postgres.admin_url, {role: self.stack.secrets[role] for role in ROLES})
