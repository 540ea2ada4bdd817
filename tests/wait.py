"""Waiting for another session, without a guess at how long it takes."""

import time
from collections.abc import Callable

from tests.conftest import Warehouse

PATIENCE_SECONDS = 60


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS} s in vain"
        time.sleep(0.02)


def sessions_waiting(warehouse: Warehouse) -> int:
    """How many sessions of the database wait for a lock."""
    ((sessions,),) = warehouse.rows(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    )
    return sessions
