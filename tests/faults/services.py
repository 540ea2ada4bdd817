"""The services of docker-compose.yml to break, with two workers on the same queues; films as in an installation."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import psycopg
import pytest
from s3fs import S3FileSystem

from pel.local.airflow_api import AirflowApi
from pel.warehouse.provision import PIPELINE
from tests.chain import run_chain
from tests.deploy.compose import Composition
from tests.deploy.conftest import BUCKET
from tests.faults.rows import Rows, rows_of
from tests.faults.source import AS_OF, BEFORE, Source
from tests.faults.system import System


class Services(System):
    """The services of one folder; use it as a context manager.

    Args:
        folder: An empty folder.
        variables: What stands in .env.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._source = Source(folder / "movies.db")
        self._variables = {**variables, "PEL_DATA": str(self._source.path), "PEL_AS_OF": AS_OF.isoformat()}
        self.composition = Composition(folder / "compose", self._variables, second_worker=True)

    @cached_property
    def api(self) -> AirflowApi:
        return self.composition.api

    @property
    def ui_url(self) -> str:
        return f"http://127.0.0.1:{self.composition.port('api-server')}"

    def url(self, role: str = PIPELINE) -> str:
        return self.composition.url(role)

    def programs_run(self) -> bool:
        return self.composition.is_well()

    def prepare(self) -> Rows:
        """Do all there is to do as of BEFORE; returns what an undisturbed AS_OF, in a database apart, adds to it."""
        with self._as_pipeline("pel", self._variables["PEL_ARTIFACTS_URL"]):
            self._source.take_in()
            run_chain(BEFORE)
        self._source.let_arrive()
        with psycopg.connect(self.composition.admin_url, autocommit=True) as connection:
            connection.execute("create database undisturbed template pel owner pel_owner")
        with self._as_pipeline("undisturbed", f"s3://{BUCKET}/undisturbed") as url:
            self._source.take_in()
            run_chain(AS_OF)
            with psycopg.connect(url) as connection:
                return rows_of(lambda statement: connection.execute(statement).fetchall())

    def take_redis_away(self, seconds: float) -> float:
        """Kill Redis with SIGKILL for so long; returns how many seconds after its return all is well."""
        self.composition.kill("redis")
        time.sleep(seconds)
        return self.until_well(lambda: self.composition.start("redis"))

    @contextmanager
    def _as_pipeline(self, database: str, artifacts_url: str) -> Iterator[str]:
        url = self.composition.url(PIPELINE, database)
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("PEL_DATABASE_URL", url)
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
                environment.setenv(name, self._variables[name])
            environment.setenv("PEL_ARTIFACTS_URL", artifacts_url)
            S3FileSystem.clear_instance_cache()
            yield url
