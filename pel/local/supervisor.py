"""Programs kept alive by supervisord: started again when they end, stopped with all their children.

``airflow standalone`` restarts nothing, and a database outage of seconds ends its parts for good. Supervisord is
spoken to over XML-RPC on 127.0.0.1 with a generated password; the path of a Unix socket could grow too long.
Programs inherit supervisord's environment, so no secret of theirs is in its configuration.
"""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, cast
from xmlrpc.client import Error, Fault, ServerProxy

from pel.local.errors import LocalError
from pel.local.home import write_private

UP = {"STARTING", "RUNNING", "BACKOFF"}
SHUTDOWN_SECONDS = 90


@dataclass(frozen=True, kw_only=True)
class Program:
    """One program to keep alive.

    Attributes:
        name: Its name, also of its log.
        command: Program and arguments.
        group: Programs of a group stop together; groups stop in the reverse order of their names' first use.
        account: Account to run as; None for supervisord's own.
        stop_signal: Signal that asks it to end; after ten seconds it is killed.
    """

    name: str
    command: tuple[str, ...]
    group: str
    account: str | None = None
    stop_signal: str = "TERM"


class Supervisor:
    """The supervisord of one folder.

    Args:
        folder: Where its configuration and ``logs/`` lie.
        port: Port of its XML-RPC server on 127.0.0.1.
        password: Password of that server.
    """

    def __init__(self, folder: Path, *, port: int, password: str) -> None:
        self._folder = folder
        self._port = port
        self._password = password

    def configuration(self, programs: Iterable[Program]) -> str:
        """Text of the configuration file for these programs."""
        programs = list(programs)
        groups = list(dict.fromkeys(program.group for program in programs))
        sections = [self._own_sections(), *(self._program_section(program) for program in programs)]
        for priority, group in enumerate(groups, start=1):
            names = ",".join(program.name for program in programs if program.group == group)
            sections.append(_section(f"group:{group}", programs=names, priority=priority))
        return "\n".join(sections)

    def start(self, configuration: str, environment: Mapping[str, str]) -> None:
        """Start supervisord as a daemon of its own session; it starts no program by itself."""
        (self._folder / "logs").mkdir(exist_ok=True)
        path = self._folder / "supervisord.conf"
        write_private(path, configuration)
        outcome = subprocess.run(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(path)],
            env=dict(environment),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode or not self._wait_for_answer():
            raise LocalError(f"The supervisor did not start: {outcome.stderr.strip() or self._log.read_text()[-1000:]}")

    def answers(self) -> bool:
        """Whether it runs."""
        try:
            self._rpc.supervisor.getState()
        except (OSError, Error, HTTPException):
            return False
        return True

    def states(self) -> dict[str, str]:
        """State of each program in supervisord's words, by name; empty when supervisord does not run."""
        try:
            return {program["name"]: program["statename"] for program in self._processes()}
        except (OSError, Error, HTTPException):
            return {}

    def pids(self) -> dict[str, int]:
        """Process of each program that runs, by name."""
        return {program["name"]: program["pid"] for program in self._processes() if program["pid"]}

    def run(self, group: str) -> list[str]:
        """Start the programs of a group that do not run; returns their names. Does not wait for them to be ready."""
        members = [program for program in self._processes() if program["group"] == group]
        stopped = [program["name"] for program in members if program["statename"] not in UP]
        for name in stopped:
            self._rpc.supervisor.startProcess(f"{group}:{name}", False)
        return stopped

    def shutdown(self) -> None:
        """Stop every program and supervisord itself; returns when it is gone, or after 90 seconds."""
        self._rpc.supervisor.shutdown()
        deadline = time.monotonic() + SHUTDOWN_SECONDS
        while self._is_there() and time.monotonic() < deadline:
            time.sleep(0.2)

    def _processes(self) -> list[dict[str, Any]]:
        return cast("list[dict[str, Any]]", self._rpc.supervisor.getAllProcessInfo())

    @property
    def _rpc(self) -> ServerProxy:
        return ServerProxy(f"http://pel:{self._password}@127.0.0.1:{self._port}/RPC2")

    @property
    def _log(self) -> Path:
        return self._folder / "logs" / "supervisord.log"

    def _is_there(self) -> bool:
        try:
            self._rpc.supervisor.getState()
        except Fault:  # it refuses to answer while it stops programs
            return True
        except (OSError, Error, HTTPException):
            return False
        return True

    def _wait_for_answer(self) -> bool:
        deadline = time.monotonic() + 10
        while not self.answers():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def _own_sections(self) -> str:
        user = {"user": "root"} if os.geteuid() == 0 else {}
        return "\n".join(
            (
                _section(
                    "supervisord",
                    logfile=self._log,
                    logfile_maxbytes="5MB",
                    logfile_backups=2,
                    pidfile=self._folder / "supervisord.pid",
                    umask="077",
                    directory="/",
                    **user,
                ),
                _section("inet_http_server", port=f"127.0.0.1:{self._port}", username="pel", password=self._password),
                _section(
                    "rpcinterface:supervisor",
                    **{"supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"},
                ),
            )
        )

    def _program_section(self, program: Program) -> str:
        user = {"user": program.account} if program.account else {}
        return _section(
            f"program:{program.name}",
            command=shlex.join(program.command),
            directory="/",
            autostart="false",
            autorestart="true",
            startsecs=2,
            startretries=1000,
            stopsignal=program.stop_signal,
            stopwaitsecs=10,
            stopasgroup="true",
            killasgroup="true",
            redirect_stderr="true",
            stdout_logfile=self._folder / "logs" / f"{program.name}.log",
            stdout_logfile_maxbytes="10MB",
            stdout_logfile_backups=3,
            **user,
        )


def _section(name: str, **options: object) -> str:
    """A section of the configuration; a percent sign has a meaning of its own there."""
    lines = (f"{option} = {str(value).replace('%', '%%')}" for option, value in options.items())
    return "\n".join((f"[{name}]", *lines, ""))
