"""The supervisor itself killed with SIGKILL: what it looked after is on its own until `pel up`."""

import time

import psutil
import pytest

from tests.faults.conftest import Broken, Keep

pytestmark = pytest.mark.faults


def test_kill_of_the_supervisor(broken: Broken, keep: Keep) -> None:
    here = broken.installation
    with here.cycle(), here.held_at("model_versions"):
        programs = [psutil.Process(pid) for pid in here.pids().values()]
        here.kill_supervisor()
        assert here.stack.api.unhealthy() == {}
        assert all(program.is_running() for program in programs)
        began = time.monotonic()
        seconds = here.up()
        assert not any(program.is_running() for program in programs)
    keep(
        "kill -9 of the supervisor",
        "everything else goes on until somebody calls `pel up`, which ends what is left and starts all anew; "
        "tasks that ran are tried again; well, and forecasts, from that call on",
        seconds=seconds,
        unread=broken.reader.unread(since=began),
        difference=broken.difference(),
    )
