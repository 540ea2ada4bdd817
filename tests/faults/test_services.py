"""What only several machines have: Redis gone for a while, and a worker that is lost for good."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pel.warehouse.provision import READER
from tests.deploy.conftest import env_file, storage, variables  # noqa: F401  fixtures
from tests.faults.conftest import Keep
from tests.faults.rows import Difference, rows_of
from tests.faults.services import Services
from tests.faults.watch import Reader

pytestmark = pytest.mark.faults

REDIS = "tasks that run go on; the scheduler ends, and is started again until Redis answers with all that was queued"
HAPPENED = {
    "a worker lost for good while it trains": "its task is missed after a minute, and done by the other worker of the "
    "queue",
    "Redis gone for 10 s": REDIS,
    "Redis gone for 60 s": REDIS,
}


def lose_worker(services: Services) -> float:
    """Kill the worker that pre-trains, with all it runs; returns after how many seconds another had done it."""
    task = services.wait_until(lambda: services.task("pretrain_ratings", "pretrain", {"running"}))
    services.composition.kill(task["hostname"])
    killed_at = time.monotonic()
    done = services.until_done(task)
    assert done["try_number"] > 1
    assert done["hostname"] != task["hostname"]
    return time.monotonic() - killed_at


def take_redis_away(services: Services, task_id: str, seconds: float) -> float:
    services.wait_until(lambda: services.task("finetune_box_office", task_id, {"running"}))
    return services.take_redis_away(seconds)


@dataclass(frozen=True)
class Seen:
    """How many seconds until all was well after each fault, and what came of the cycle in which they were."""

    seconds: dict[str, float]
    unread: float
    difference: Difference


@pytest.fixture(scope="module")
def seen(variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:  # noqa: F811
    services = Services(tmp_path_factory.mktemp("services"), variables)
    with services.composition:
        undisturbed = services.prepare()
        with Reader(services.url(READER)) as reader, services.cycle():
            seconds = {
                "a worker lost for good while it trains": lose_worker(services),
                "Redis gone for 10 s": take_redis_away(services, "finetune", 10),
                "Redis gone for 60 s": take_redis_away(services, "finetune_on_gpu", 60),
            }
        assert reader.looks
        yield Seen(seconds, reader.unread(), rows_of(services.rows).compared_with(undisturbed))


@pytest.mark.parametrize("fault", HAPPENED)
def test_services(seen: Seen, keep: Keep, fault: str) -> None:
    keep(fault, HAPPENED[fault], seconds=seen.seconds[fault], unread=seen.unread, difference=seen.difference)
