"""Two schedulers, and two runs of every DAG, at once."""

import subprocess
import sys
from itertools import pairwise

import pytest

from pel.local.cycle import CHAIN
from tests.faults.conftest import Broken, Keep

pytestmark = pytest.mark.faults


def test_two_schedulers_and_two_runs_of_each_dag(broken: Broken, keep: Keep) -> None:
    here = broken.installation
    command = [sys.executable, "-m", "airflow", "scheduler", "--skip-serve-logs"]
    second = subprocess.Popen(
        command, env=here.stack.environment(), cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    try:
        with here.cycle():
            for dag_id in CHAIN:
                here.wait_until(lambda dag_id=dag_id: here.runs(dag_id, {"running"}))
                here.stack.api.trigger(dag_id, f"again__{dag_id}", {})
        assert second.poll() is None
    finally:
        second.terminate()
        second.wait()
    for dag_id in CHAIN:
        spans = sorted((run["start_date"], run["end_date"]) for run in here.runs(dag_id, {"success"}))
        assert len(spans) >= 2
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    keep(
        "two schedulers, and two runs of each DAG triggered at once",
        "each task is started by one of the two; of a DAG the second run waits for the first, and finds nothing to do",
        unread=broken.reader.unread(),
        difference=broken.difference(),
    )
