"""docker-compose.yml, started without Docker: two workers on two queues, Redis, object storage, the whole chain."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
import s3fs
from moto.server import ThreadedMotoServer
from rich.console import Console

from pel.local.airflow_api import AirflowApi
from pel.local.cycle import CHAIN, Cycle
from pel.local.progress import Progress
from pel.training.plan import THREADS
from tests.chain import AS_OF
from tests.conftest import Trained
from tests.dags.test_chain import OF_APPROVAL
from tests.deploy.compose import Composition, read_env_file

BUCKET = "pel-test"
PREDICTED = "select film_id, as_of, log10_dollars from pel.predictions order by film_id"


@pytest.fixture(scope="module")
def storage() -> Iterator[dict[str, str]]:
    """An empty bucket, and what .env has to say of it."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }
    _files(settings).mkdir(BUCKET)
    yield settings
    server.stop()


def _files(settings: dict[str, str]) -> s3fs.S3FileSystem:
    return s3fs.S3FileSystem(
        key=settings["AWS_ACCESS_KEY_ID"],
        secret=settings["AWS_SECRET_ACCESS_KEY"],
        endpoint_url=settings["AWS_ENDPOINT_URL"],
        use_listings_cache=False,
    )


@dataclass(frozen=True)
class Ran:
    """The services after one way through the chain."""

    composition: Composition
    variables: dict[str, str]
    runs: dict[str, list[dict[str, Any]]]
    tasks: dict[str, list[dict[str, Any]]]

    def rows(self, statement: str) -> list[tuple]:
        with psycopg.connect(
            host="127.0.0.1",
            port=self.composition.port("postgres"),
            dbname="pel",
            user="pel_pipeline",
            password=self.variables["PEL_PIPELINE_PASSWORD"],
        ) as connection:
            return connection.execute(statement).fetchall()


@pytest.fixture(scope="module")
def ran(env_file: Path, storage: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    if not shutil.which("redis-server"):
        reason = "there is no redis-server; install Debian's package redis-server to run this test"
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    variables = read_env_file(env_file) | storage | {
        "PEL_ARTIFACTS_URL": f"s3://{BUCKET}/models",
        "PEL_THREADS": str(THREADS),
        "COMPOSE_PROFILES": "gpu",
        "PEL_WORKER_QUEUES": "default",
    }  # fmt: skip
    with Composition(tmp_path_factory.mktemp("compose"), variables) as composition:
        url = f"http://127.0.0.1:{composition.port('api-server')}"
        api = AirflowApi(url, variables["PEL_ADMIN_PASSWORD"])
        with Progress(Console(file=StringIO())) as progress:
            Cycle(api, progress).follow({"as_of": AS_OF.isoformat()})
        runs = {dag_id: api.latest_runs(dag_id) for dag_id in CHAIN}
        tasks = {dag_id: api.tasks(dag_id, run["dag_run_id"]) for dag_id, (run, *_) in runs.items()}
        yield Ran(composition, variables, runs, tasks)


def test_every_dag_ran_once_and_succeeded(ran: Ran) -> None:
    assert {dag_id: [run["state"] for run in runs] for dag_id, runs in ran.runs.items()} == {
        dag_id: ["success"] for dag_id in CHAIN
    }
    skipped = {task["task_id"] for tasks in ran.tasks.values() for task in tasks if task["state"] != "success"}
    assert skipped == OF_APPROVAL


def test_what_is_for_a_gpu_ran_on_its_worker_alone_and_nothing_else_did(ran: Ran) -> None:
    tasks = [task for tasks in ran.tasks.values() for task in tasks if task["state"] == "success"]
    places = {(task["queue"], task["pool"] == "gpu", task["hostname"]) for task in tasks}
    assert places == {("default", False, "worker"), ("gpu", True, "gpu-worker")}
    on_gpu = [task["task_id"] for task in tasks if task["queue"] == "gpu"]
    assert sorted(on_gpu) == ["finetune_on_gpu", "pretrain_on_gpu"]


def test_the_models_lie_in_object_storage_and_nowhere_else(ran: Ran, storage: dict[str, str]) -> None:
    urls = [url for (url,) in ran.rows("select artifact_url from pel.model_versions")]
    assert len(urls) == 2
    for url in urls:
        assert url.startswith(f"s3://{BUCKET}/models/")
        assert _files(storage).exists(f"{url}/manifest.json")
    assert not [file for file in _files(storage).find(BUCKET) if file.endswith(".part")]
    assert list(ran.composition.volume("artifacts").iterdir()) == []


def test_the_forecasts_are_those_of_the_chain_in_one_process(ran: Ran, trained_once: Trained) -> None:
    forecasts = ran.rows(PREDICTED)
    assert len(forecasts) > 100
    assert forecasts == trained_once.warehouse.rows(PREDICTED)
