"""Airflow with a database of its own, in processes of its own: importing it here would fix its settings."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pel.settings import PROJECT
from pel.warehouse.provision import database_url
from tests.conftest import PASSWORDS, Warehouse

HERE = Path(__file__).parent
RunPython = Callable[..., Any]


@pytest.fixture(scope="session")
def airflow_environment(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    url = database_url(admin_url, "airflow", PASSWORDS["airflow"], "airflow")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PEL_", "AIRFLOW"))}
    environment |= {
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url.replace("postgresql://", "postgresql+psycopg2://"),
    }
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], env=environment, check=True, capture_output=True)
    return environment


@pytest.fixture
def run_python(airflow_environment: dict[str, str]) -> RunPython:
    """Runs a script of this folder with Airflow's environment; returns what it printed as its result, and its log."""

    def run(script: str, *arguments: str, **settings: str) -> tuple[Any, str]:
        done = subprocess.run(
            [sys.executable, str(HERE / script), *arguments],
            env=airflow_environment | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        results = [line.partition(" ")[2] for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        assert results, done.stdout[-3000:] + done.stderr[-3000:]
        return json.loads(results[-1]), done.stdout + done.stderr

    return run


@pytest.fixture
def run_dags(run_python: RunPython, tmp_path: Path) -> RunPython:
    """Runs DAGs on a warehouse, all but the task marked as success; returns the states of their tasks by DAG and task
    id, and the log."""

    def run(
        warehouse: Warehouse, *dag_ids: str, settings: dict[str, str] | None = None, marked: str = "", **conf: object
    ) -> tuple[dict[str, dict[str, list[str]]], str]:
        url = warehouse.url()
        given = {"PEL_HOME": str(tmp_path), "PEL_DATABASE_URL": url, "AIRFLOW_CONN_WAREHOUSE": url, **(settings or {})}
        return run_python("run_dags.py", json.dumps(conf), marked, *dag_ids, **given)

    return run
