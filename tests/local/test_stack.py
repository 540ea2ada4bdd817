import ast
import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from pel.local import leftovers, stack
from pel.local.errors import LocalError
from pel.settings import Settings

# As the supervisor does, it starts two processes, one of which leaves another behind; and then one that ends orphans.
SUPERVISOR = """
import subprocess, sys
python = [sys.executable, "-c"]
sleep = [*python, "import time; time.sleep(60)"]
start = [*python, "import subprocess, sys; print(subprocess.Popen(sys.argv[1:]).pid)"]
starter = subprocess.Popen([*start, *sleep], stdout=subprocess.PIPE, text=True)
orphan = int(starter.stdout.readline())
starter.wait()
stays = subprocess.Popen(sleep)
subprocess.run([*python, "from pel.local import leftovers; print(leftovers.end_orphans('ours'))"])
print(orphan, stays.poll())
stays.kill()
"""


@pytest.mark.parametrize(("setting", "field"), [("PEL_UI_PORT", "ui_port"), ("PEL_POSTGRES_PORT", "postgres_port")])
def test_a_port_that_another_program_holds_is_named(tmp_path: Path, setting: str, field: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalError, match=f"{setting} is {port}.*End the program that holds it"):
            stack.up(Settings(home=tmp_path / "home", **{field: port}))
    assert stack.down(Settings(home=tmp_path / "home")) == []


def test_nothing_to_stop_is_no_error(tmp_path: Path) -> None:
    assert stack.down(Settings(home=tmp_path / "never")) == []
    assert not (tmp_path / "never").exists()


def test_a_process_is_known_by_its_mark_alone(tmp_path: Path) -> None:
    def sleep(mark: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **leftovers.environment(mark)}
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"], env=environment)

    ours, other = sleep("ours"), sleep("another's")
    try:
        ended = leftovers.end("ours", tmp_path)
        assert [str(ours.pid) in name for name in ended] == [True]
        assert not psutil.pid_exists(ours.pid)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_what_outlives_the_process_that_started_it_is_ended_and_nothing_else(tmp_path: Path) -> None:
    environment = {**os.environ, **leftovers.environment("ours")}
    done = subprocess.run(
        [sys.executable, "-c", SUPERVISOR], env=environment, capture_output=True, text=True, check=True
    )
    ended, last = done.stdout.splitlines()
    orphan, stays = last.split()
    assert [orphan in name for name in ast.literal_eval(ended)] == [True]
    assert not psutil.pid_exists(int(orphan))
    assert stays == "None"
