"""docker-compose.yml, started without Docker: two workers on two queues, Redis, object storage, the whole chain."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

import psycopg
import pytest
from rich.console import Console

from pel.local.cycle import CHAIN, Cycle
from pel.local.progress import Progress
from tests.chain import AS_OF
from tests.conftest import Trained
from tests.dags.test_chain import OF_APPROVAL
from tests.deploy.compose import Composition
from tests.deploy.conftest import BUCKET, files_of

PREDICTED = "select film_id, as_of, log10_dollars from pel.predictions order by film_id"


@dataclass(frozen=True)
class Ran:
    """The services after one way through the chain."""

    composition: Composition
    runs: dict[str, list[dict[str, Any]]]
    tasks: dict[str, list[dict[str, Any]]]

    def rows(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.composition.url("pel_pipeline")) as connection:
            return connection.execute(statement).fetchall()


@pytest.fixture(scope="module")
def ran(variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    with_gpu = {"COMPOSE_PROFILES": "gpu", "PEL_WORKER_QUEUES": "default"}
    with Composition(tmp_path_factory.mktemp("compose"), variables | with_gpu) as composition:
        api = composition.api
        with Progress(Console(file=StringIO())) as progress:
            Cycle(api, progress).follow({"as_of": AS_OF.isoformat()})
        runs = {dag_id: api.latest_runs(dag_id) for dag_id in CHAIN}
        tasks = {dag_id: api.tasks(dag_id, run["dag_run_id"]) for dag_id, (run, *_) in runs.items()}
        yield Ran(composition, runs, tasks)


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
        assert files_of(storage).exists(f"{url}/manifest.json")
    assert not [file for file in files_of(storage).find(BUCKET) if file.endswith(".part")]
    assert list(ran.composition.volume("artifacts").iterdir()) == []


def test_the_forecasts_are_those_of_the_chain_in_one_process(ran: Ran, trained_once: Trained) -> None:
    forecasts = ran.rows(PREDICTED)
    assert len(forecasts) > 100
    assert forecasts == trained_once.warehouse.rows(PREDICTED)
