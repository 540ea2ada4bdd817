"""Postgres killed, or gone for a while, always in the middle of a step's transaction."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.faults.conftest import Broken, Keep
from tests.faults.installation import Installation

pytestmark = pytest.mark.faults

HAPPENED = "the step is rolled back and tried again; Airflow's programs end and are started again until it answers"


@dataclass(frozen=True)
class Outage:
    """What happens to Postgres, and at whose table the step is that it happens to."""

    table: str
    happens: Callable[[Installation], float]


OUTAGES = {
    "kill -9 of Postgres": Outage("model_versions", lambda here: here.kill("postgres")),
    "Postgres gone for 10 s": Outage("promotions", lambda here: here.take_postgres_away(10)),
    "Postgres gone for 60 s": Outage("predictions", lambda here: here.take_postgres_away(60)),
}


@pytest.fixture(scope="module")
def seen(broken: Broken) -> dict[str, tuple[float, float]]:
    """How many seconds until all was well, and for how many there were no forecasts."""
    found = {}
    with broken.installation.cycle():
        for name, outage in OUTAGES.items():
            with broken.installation.held_at(outage.table):
                began = time.monotonic()
                seconds = outage.happens(broken.installation)
            found[name] = seconds, broken.reader.unread(since=began)
    return found


@pytest.mark.parametrize("name", OUTAGES)
def test_outage(seen: dict[str, tuple[float, float]], broken: Broken, keep: Keep, name: str) -> None:
    seconds, unread = seen[name]
    keep(name, HAPPENED, seconds=seconds, unread=unread, difference=broken.difference())
