"""Prepare what several machines share: roles, databases, schema, Airflow's pools and its login.

The service ``init`` of ``docker-compose.yml`` runs this before all others. Running it again changes nothing but what is
given anew: passwords, the sizes of the pools, and the schema after an upgrade.

The environment has Airflow's settings, the administrator of Postgres (``PEL_POSTGRES_URL``), and a password for each
role: ``PEL_OWNER_PASSWORD``, ``PEL_PIPELINE_PASSWORD``, ``PEL_READER_PASSWORD``, ``PEL_PLANNER_PASSWORD``,
``PEL_AIRFLOW_PASSWORD``; and one for the user ``admin`` of Airflow's UI, ``PEL_ADMIN_PASSWORD``. The other services
get the URL of their own role at most.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from pel.local.home import write_private
from pel.pools import DESCRIPTIONS, GPU_POOL, TRAINING_POOL
from pel.warehouse.migrations import migrate
from pel.warehouse.provision import AIRFLOW, OWNER, PIPELINE, PLANNER, READER, database_url, provision

logger = logging.getLogger(__name__)

PASSWORDS = {
    OWNER: "PEL_OWNER_PASSWORD",
    PIPELINE: "PEL_PIPELINE_PASSWORD",
    READER: "PEL_READER_PASSWORD",
    PLANNER: "PEL_PLANNER_PASSWORD",
    AIRFLOW: "PEL_AIRFLOW_PASSWORD",
}
Slots = typer.Option(min=1)


def main(training_slots: Annotated[int, Slots] = 1, gpus: Annotated[int, Slots] = 1) -> None:
    """Prepare the databases, the pools and the login.

    Args:
        training_slots: How many training tasks may run at once.
        gpus: How many of those for a GPU may; 1 also where there is none.
    """
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    prepare_databases(os.environ)
    _airflow("db", "migrate")
    _make_pools({TRAINING_POOL: training_slots, GPU_POOL: gpus})
    passwords_file = Path(_required(os.environ, "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"))
    write_private(passwords_file, json.dumps({"admin": _required(os.environ, "PEL_ADMIN_PASSWORD")}))
    logger.info("everything is prepared")


def prepare_databases(environment: Mapping[str, str]) -> None:
    """Make roles and databases, and bring the schema up to date; raises ValueError for a variable that is missing."""
    admin_url = _required(environment, "PEL_POSTGRES_URL")
    passwords = {role: _required(environment, variable) for role, variable in PASSWORDS.items()}
    provision(admin_url, passwords)
    number = migrate(database_url(admin_url, OWNER, passwords[OWNER], "pel"))
    logger.info("the database pel stands at migration %s", number)


def _required(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise ValueError(f"{name} is not set; docs/many-machines.md says what it is for.")
    return environment[name]


def _make_pools(slots: Mapping[str, int]) -> None:
    pools = {
        name: {"slots": slots[name], "description": description, "include_deferred": False}
        for name, description in DESCRIPTIONS.items()
    }
    with TemporaryDirectory(prefix="pel-") as folder:
        file = Path(folder) / "pools.json"
        file.write_text(json.dumps(pools))
        _airflow("pools", "import", str(file))


def _airflow(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "airflow", *arguments], check=True)


if __name__ == "__main__":
    typer.run(main)
