"""A real installation to break: Postgres, the supervisor and Airflow, with the demo's films up to 1986.

As of 1985 all is done before anything is broken. What is broken then is a cycle as of 1986, for which the source has
new films, and which pre-trains, fine-tunes, decides and publishes.
"""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg import sql

from pel.local import airflow, stack
from pel.local.airflow_api import AirflowApi
from pel.local.ports import free_port
from pel.local.stack import POSTGRES_GROUP
from pel.settings import Settings
from pel.warehouse.provision import OWNER, PIPELINE, ROLES, provision
from tests.chain import run_chain
from tests.faults.rows import Rows, rows_of
from tests.faults.source import AS_OF, BEFORE, Source
from tests.faults.system import System


class Installation(System):
    """The installation of one folder.

    Args:
        folder: An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self._source = Source(folder / "movies.db")
        self._kept = folder / "artifacts-before"
        self.settings = Settings(
            home=folder / "home",
            as_of=AS_OF,
            source="wikidata",
            data=str(self._source.path),
            artifacts_url=(folder / "artifacts").as_uri(),
            ui_port=free_port(),
        )
        self._artifacts = folder / "artifacts"

    @property
    def stack(self) -> stack.Stack:
        return stack.open_stack(self.settings)

    @property
    def api(self) -> AirflowApi:
        return self.stack.api

    @property
    def ui_url(self) -> str:
        return airflow.ui_url(self.stack.ports["ui"])

    def url(self, role: str = PIPELINE) -> str:
        return self.stack.url(role)

    def programs_run(self) -> bool:
        return set(self.stack.supervisor.states().values()) == {"RUNNING"}

    def prepare(self) -> Rows:
        """Start it, do all there is to do as of BEFORE, keep that; returns what an undisturbed AS_OF adds to it."""
        self.up()
        with self._as_pipeline():
            self._source.take_in()
            run_chain(BEFORE)
            self._source.let_arrive()
            self._copy_database("pel", "before")
            shutil.copytree(self._artifacts, self._kept)
            self._source.take_in()
            run_chain(AS_OF)
        return rows_of(self.rows)

    def restore(self) -> None:
        """As it was before the cycle."""
        self.wait_until(self.is_quiet)
        self._copy_database("before", "pel")
        shutil.rmtree(self._artifacts)
        shutil.copytree(self._kept, self._artifacts)

    def pids(self) -> dict[str, int]:
        return self.stack.supervisor.pids()

    def kill(self, program: str) -> float:
        """Kill a program with SIGKILL; returns after how many seconds it runs again and all is well."""
        pid = self.pids()[program]
        return self.until_well(lambda: os.kill(pid, signal.SIGKILL), lambda: self.pids().get(program, pid) != pid)

    def take_postgres_away(self, seconds: float) -> float:
        """Stop Postgres for so long; returns how many seconds after its return all is well."""
        self.stack.supervisor._rpc.supervisor.stopProcess(f"{POSTGRES_GROUP}:postgres")
        time.sleep(seconds)
        return self.until_well(lambda: self.stack.supervisor.run(POSTGRES_GROUP))

    def kill_supervisor(self) -> None:
        """Kill the supervisor with SIGKILL."""
        supervisord = psutil.Process(int((self.settings.home / "supervisord.pid").read_text()))
        supervisord.kill()
        supervisord.wait()

    def up(self) -> float:
        """``pel up``; returns after how many seconds all is well."""
        return self.until_well(lambda: self.wait_until(lambda: stack.up(self.settings)))

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
