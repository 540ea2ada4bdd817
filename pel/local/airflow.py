"""How Airflow is set up on one machine: its environment, its programs and its database."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from pel.local.errors import LocalError
from pel.local.home import Home, write_private
from pel.local.supervisor import Program
from pel.settings import PROJECT, Settings

VERSION = version("apache-airflow")
GROUP = "airflow"
# Logs are read from the shared folder, so the servers that hand them to other machines stay off, and their ports free.
PROGRAMS = {
    "api-server": ("airflow", "api-server"),
    "scheduler": ("pel.local.scheduler", "--skip-serve-logs"),
    "dag-processor": ("airflow", "dag-processor"),
    "triggerer": ("airflow", "triggerer", "--skip-serve-logs"),
}


def programs() -> list[Program]:
    """Airflow's four programs."""
    python = (sys.executable, "-m")
    return [Program(name=name, command=(*python, *module), group=GROUP) for name, module in PROGRAMS.items()]


def ui_url(port: int) -> str:
    """Address of the UI and the REST API."""
    return f"http://127.0.0.1:{port}"


def environment(
    settings: Settings,
    home: Home,
    *,
    ui_port: int,
    metadata_url: str,
    pipeline_url: str,
    reader_url: str,
    planner_url: str,
) -> dict[str, str]:
    """What Airflow's programs, and through them the pipeline's tasks, find in their environment."""
    return {
        **_airflow_settings(home, ui_port, metadata_url),
        **_pipeline_settings(settings, pipeline_url),
        "PEL_READER_URL": reader_url,
        "PEL_PLANNER_URL": planner_url,
    }


def prepare_login(home: Home) -> None:
    """Give the UI's user ``admin`` the generated password."""
    write_private(_passwords_file(home), json.dumps({"admin": home.secrets()["admin"]}))


def migrate(metadata_url: str, environment: Mapping[str, str], log: Path) -> bool:
    """Bring Airflow's database to the installed version; False when it was there already.

    A comment on the database remembers the version, because asking Airflow takes longer than everything else here.
    """
    note = f"migrated by Airflow {VERSION}"
    with psycopg.connect(metadata_url, autocommit=True) as connection:
        name = connection.info.dbname
        query = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"
        if connection.execute(query, [name]).fetchone() == (note,):
            return False
        _run_migration(environment, log)
        connection.execute(sql.SQL("comment on database {} is {}").format(sql.Identifier(name), sql.Literal(note)))
    return True


def _run_migration(environment: Mapping[str, str], log: Path) -> None:
    with log.open("w") as output:
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        outcome = subprocess.run(
            command, env=dict(environment), cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
    if outcome.returncode:
        raise LocalError(f"`airflow db migrate` failed; its end, from {log}:\n{log.read_text()[-1500:]}")


def _airflow_settings(home: Home, ui_port: int, metadata_url: str) -> dict[str, str]:
    secrets = home.secrets()
    return {
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(max(4, os.cpu_count() or 1)),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_passwords_file(home)),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{ui_url(ui_port)}/execution/",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(ui_port),
        "AIRFLOW__API__BASE_URL": ui_url(ui_port),
        "AIRFLOW__API__SECRET_KEY": secrets["session"],
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets["jwt"],
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": urlsplit(metadata_url)._replace(scheme="postgresql+psycopg2").geturl(),
        "AIRFLOW_CONN_AIRFLOW_METADATA": metadata_url,  # for the DAG maintenance, which cleans it
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home.logs / "tasks"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "15",  # 300 s until a new DAG file is seen is long on one machine
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",  # one that changes is read at once all the same
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",  # halves the time a chain of short tasks takes
        "AIRFLOW__SCHEDULER__MP_START_METHOD": "forkserver",
        "AIRFLOW__SCHEDULER__MP_FORKSERVER_PRELOAD": "pel.local.preloaded",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",  # notice a killed task in 30 s, not 300
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "20",
        **_without_proxy(),
    }


def _without_proxy() -> dict[str, str]:
    """Airflow's programs talk to each other on 127.0.0.1; a proxy for the world outside must not get that."""
    outside = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    exceptions = ",".join(filter(None, (outside, "127.0.0.1,localhost")))
    return {"NO_PROXY": exceptions, "no_proxy": exceptions}


def _pipeline_settings(settings: Settings, pipeline_url: str) -> dict[str, str]:
    given = {
        "PEL_HOME": str(settings.home),
        "PEL_DATABASE_URL": pipeline_url,
        "AIRFLOW_CONN_WAREHOUSE": pipeline_url,
        "PEL_NOTIFY": settings.notify,
        "PEL_ARTIFACTS_URL": settings.artifacts_url,
        "PEL_AS_OF": settings.as_of.isoformat() if settings.as_of else None,
        "PEL_SOURCE": settings.source,
        "PEL_DATA": settings.data,
        "PEL_CORRECTIONS": settings.corrections,
        "PEL_SETTLE_DAYS": str(settings.settle_days),
        "OMP_WAIT_POLICY": "passive",  # a thread that waits leaves its core to the other training task
        "PEL_THREADS": str(settings.threads) if settings.threads else None,
        "PEL_APPROVAL": "yes" if settings.approval else "no",
    }
    return {name: value for name, value in given.items() if value is not None}


def _passwords_file(home: Home) -> Path:
    return home.airflow / "passwords.json"
