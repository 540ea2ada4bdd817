import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from pel.local.ports import free_port
from pel.local.supervisor import Program, Supervisor

SAY_PID = 'echo $$ > "$0"; echo "$1" > "$0.text"; exec sleep 1000'


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path, port=free_port(), password="100% secret")
    program = Program(name="sleeper", command=("sh", "-c", SAY_PID, str(tmp_path / "pid"), "50% of %(x)s"), group="all")
    supervisor.start(supervisor.configuration([program]), os.environ)
    yield supervisor
    if supervisor.answers():
        supervisor.shutdown()


def wait_for(condition: Callable[[], object]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("did not happen within a minute")


def sleeper(folder: Path) -> psutil.Process | None:
    """The supervised process that last wrote its number."""
    try:
        return psutil.Process(int((folder / "pid").read_text()))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None


def test_a_killed_program_comes_back(supervisor: Supervisor, tmp_path: Path) -> None:
    assert supervisor.run("all") == ["sleeper"]
    wait_for(lambda: supervisor.states() == {"sleeper": "RUNNING"})
    first = sleeper(tmp_path)
    assert first
    assert supervisor.pids() == {"sleeper": first.pid}
    first.kill()
    wait_for(lambda: sleeper(tmp_path) not in (None, first))
    wait_for(lambda: supervisor.states() == {"sleeper": "RUNNING"})
    assert supervisor.run("all") == []


def test_shutdown_leaves_nothing(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.run("all")
    wait_for(lambda: sleeper(tmp_path))
    supervisor.shutdown()
    assert sleeper(tmp_path) is None
    assert supervisor.states() == {}


def test_it_outlives_the_terminal(supervisor: Supervisor, tmp_path: Path) -> None:
    pid = int((tmp_path / "supervisord.pid").read_text())
    assert os.getsid(pid) != os.getsid(0)
    assert psutil.Process(pid).terminal() is None


def test_its_password_is_for_its_owner_only(supervisor: Supervisor, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "supervisord.conf").stat().st_mode) == 0o600
    assert not Supervisor(tmp_path, port=supervisor._port, password="guessed").answers()


def test_a_percent_sign_reaches_the_program(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.run("all")
    wait_for(lambda: (tmp_path / "pid.text").exists() and (tmp_path / "pid.text").read_text())
    assert (tmp_path / "pid.text").read_text() == "50% of %(x)s\n"
