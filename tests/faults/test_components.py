"""Each program killed with SIGKILL, one after the other, while a cycle runs."""

import pytest

from tests.faults.conftest import Broken, Keep

pytestmark = pytest.mark.faults

KILLED = {
    "scheduler": "the supervisor starts it again; tasks that ran go on, or are tried again",
    "api-server": "the supervisor starts it again; tasks and users ask again until it answers",
    "dag-processor": "the supervisor starts it again; the DAGs are known meanwhile",
    "triggerer": "the supervisor starts it again; nothing waits for it",
}


@pytest.fixture(scope="module")
def seconds(broken: Broken) -> dict[str, float]:
    """Until all was well again. The cycle cannot end before: its last step is held."""
    with broken.installation.cycle(), broken.installation.closed("predictions"):
        return {program: broken.installation.kill(program) for program in KILLED}


@pytest.mark.parametrize("program", KILLED)
def test_kill(seconds: dict[str, float], broken: Broken, keep: Keep, program: str) -> None:
    keep(
        f"kill -9 of the {program}",
        KILLED[program],
        seconds=seconds[program],
        difference=broken.difference(),
        unread=broken.reader.unread(),
    )
