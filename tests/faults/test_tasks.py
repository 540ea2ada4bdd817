"""A task killed with SIGKILL at each stage of a cycle: the process that does it, and once also the one above it."""

import os
import signal
import time
from contextlib import nullcontext
from dataclasses import dataclass

import pytest

from tests.faults.conftest import Broken, Keep

pytestmark = pytest.mark.faults


@dataclass(frozen=True)
class Stage:
    """A task, and the table before whose writing it is killed; without one, as soon as it runs."""

    dag_id: str
    task_id: str
    table: str | None = None
    with_watcher: bool = False


STAGES = {
    "ingest": Stage("ingest_releases", "ingest", "film_records"),
    "letting in": Stage("ingest_releases", "resolve", "credits"),
    "attributes": Stage("temporal_deltas", "refresh", "film_attributes"),
    "pre-training": Stage("pretrain_ratings", "pretrain"),
    "registering what is pre-trained": Stage("pretrain_ratings", "register", "model_versions"),
    "planning, with the process that watches over it": Stage("finetune_box_office", "plan", "training_looks", True),
    "fine-tuning": Stage("finetune_box_office", "finetune"),
    "registering and deciding": Stage("finetune_box_office", "register", "promotions"),
    "publishing": Stage("publish_predictions", "publish", "predictions"),
}


def kill(broken: Broken, stage: Stage) -> float:
    """Kill the task; returns after how many seconds it had succeeded."""
    here = broken.installation
    with here.held_at(stage.table) if stage.table else nullcontext():
        process = here.wait_until(
            lambda: (task := here.task(stage.dag_id, stage.task_id, {"running"})) and here.process_of(task)
        )
        watcher = process.ppid()
        process.send_signal(signal.SIGKILL)
        if stage.with_watcher:
            os.kill(watcher, signal.SIGKILL)
        killed_at = time.monotonic()
    here.wait_until(lambda: (task := here.task(stage.dag_id, stage.task_id, {"success"})) and task["try_number"] > 1)
    return time.monotonic() - killed_at


@pytest.fixture(scope="module")
def seconds(broken: Broken) -> dict[str, float]:
    """Until the task of each stage had succeeded after all."""
    with broken.installation.cycle():
        return {name: kill(broken, stage) for name, stage in STAGES.items()}


@pytest.mark.parametrize("stage", STAGES)
def test_a_task_is_killed_while(seconds: dict[str, float], broken: Broken, keep: Keep, stage: str) -> None:
    keep(
        f"kill -9 of a task: {stage}",
        "Airflow tries it again",
        seconds=seconds[stage],
        difference=broken.difference(),
        unread=broken.reader.unread(),
    )
