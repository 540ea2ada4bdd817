"""docker-compose.yml without Docker: each service's command, as a process of this machine.

A process gets what its container would get: the environment that the file gives its service and nothing of ours, the
folders of its volumes, and those that no volume holds for itself alone. Names of hosts become 127.0.0.1, ports free
ones. Of the image, Postgres alone has another: the server that P-EL brings along. What ends by itself is started again,
as the file's restart policy has it.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import psutil
import yaml

from pel.local.airflow_api import AirflowApi
from pel.local.embedded import EmbeddedPostgres, psql
from pel.local.ports import free_port
from pel.settings import PROJECT
from pel.warehouse.provision import database_url

FILE = PROJECT / "docker-compose.yml"
VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?:(?P<how>:-|:\?)(?P<text>[^}]*))?\})")
PORTS = {"postgres": "5432", "redis": "6379", "api-server": "8080", "scheduler": "8974"}
PATIENCE_SECONDS = 180

Service = dict[str, Any]


class UnsetVariableError(Exception):
    """A variable that the file requires has no value."""


def interpolate(value: Any, variables: Mapping[str, str]) -> Any:
    """The value as Compose reads it, with every ${VARIABLE} replaced."""
    if isinstance(value, dict):
        return {key: interpolate(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolate(item, variables) for item in value]
    return VARIABLE.sub(lambda found: _replaced(found, variables), value) if isinstance(value, str) else value


def _replaced(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["dollar"]:
        return "$"
    given = variables.get(found["name"], "")
    if not given and found["how"] == ":?":
        raise UnsetVariableError(f"{found['name']}: {found['text']}")
    return given or (found["text"] if found["how"] == ":-" else "")


def read_services() -> dict[str, Service]:
    """The services as they stand in the file, nothing replaced."""
    services: dict[str, Service] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["services"]
    return services


def read_env_file(file: Path) -> dict[str, str]:
    """The variables of a file such as .env."""
    lines = (line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def hostname() -> str:
    """The name that Airflow's programs know their container by."""
    return os.environ["CONTAINER"]


class Composition:
    """The services of one start; use it as a context manager.

    Args:
        folder: An empty folder for volumes and logs.
        variables: What stands in .env.
        second_worker: Whether a second container of the service ``worker`` is started, the ``worker-2``.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str], *, second_worker: bool = False) -> None:
        self._folder = folder
        self._variables = variables
        self._ports = {number: str(free_port()) for number in PORTS.values()}
        services = read_services()
        if second_worker:
            services["worker-2"] = _renamed(services["worker"], "worker@", "worker-2@")
        profiles = set(variables.get("COMPOSE_PROFILES", "").split(","))
        self.services = {
            name: interpolate(self._moved(name, service, service.get("volumes", [])), variables)
            for name, service in services.items()
            if profiles.issuperset(service.get("profiles", []))
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._postgres: EmbeddedPostgres | None = None
        self._ends = threading.Event()
        self._looks_after = threading.Thread(target=self._look_after, daemon=True)

    def __enter__(self) -> Self:
        try:
            for name in self._in_order():
                for other, wanted in self.services[name].get("depends_on", {}).items():
                    self._wait(other, wanted["condition"])
                self._start(name)
            for name in self.services:
                if name != "init":
                    self._wait(name, "service_healthy")
            self._looks_after.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def port(self, service: str) -> int:
        """The port at which a service answers on 127.0.0.1."""
        return int(self._ports[PORTS[service]])

    @property
    def api(self) -> AirflowApi:
        """The api-server, as the user admin."""
        return AirflowApi(f"http://127.0.0.1:{self.port('api-server')}", self._variables["PEL_ADMIN_PASSWORD"])

    def url(self, role: str, database: str = "pel") -> str:
        """URL of a database, as one of P-EL's roles."""
        return database_url(self.admin_url, role, self._variables[f"{role.upper()}_PASSWORD"], database)

    @property
    def admin_url(self) -> str:
        """URL of Postgres's superuser."""
        assert self._postgres
        return self._postgres.admin_url

    def volume(self, name: str) -> Path:
        """The folder of a named volume."""
        return self._folder / "volumes" / name

    def kill(self, name: str) -> None:
        """End all processes of a service with SIGKILL; as in Docker, it stays away until somebody starts it."""
        process = self._processes.pop(name)
        for member in _family(process.pid):
            member.kill()
        process.wait()

    def start(self, name: str) -> None:
        """Start a service that was killed."""
        self._start(name)

    def is_well(self) -> bool:
        """Whether every service but those that were killed says that it is well."""
        return all(self._is_met(name, "service_healthy") for name in [*self._processes] if name != "init")

    def stop(self) -> None:
        """End every process, the last started first."""
        self._ends.set()
        if self._looks_after.is_alive():
            self._looks_after.join()
        for process in reversed(self._processes.values()):
            family = _family(process.pid)
            for member in family:
                member.terminate()
            for member in psutil.wait_procs(family, timeout=10)[1]:
                member.kill()
            process.wait()
        if self._postgres:
            self._postgres.remove()

    def _in_order(self) -> Iterator[str]:
        started: set[str] = set()
        while len(started) < len(self.services):
            ready = [
                name
                for name, service in self.services.items()
                if name not in started and started.issuperset(service.get("depends_on", {}))
            ]
            assert ready, f"services wait for each other: {sorted(self.services.keys() - started)}"
            yield from ready
            started.update(ready)

    def _look_after(self) -> None:
        while not self._ends.wait(1):
            for name, process in list(self._processes.items()):
                ended = process.poll() is not None and process is self._processes.get(name)
                if ended and self.services[name]["restart"] == "unless-stopped":
                    with suppress(ProcessLookupError):  # a container ends with its first process
                        os.killpg(process.pid, signal.SIGKILL)
                    self._start(name)

    def _start(self, name: str) -> None:
        if name == "postgres":
            password = self.services[name]["environment"]["POSTGRES_PASSWORD"]
            self._postgres = EmbeddedPostgres(self.volume("postgres"), password=password, port=self.port("postgres"))
            self._postgres.start()
            return
        with self._log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                self.services[name]["command"],
                env=self._environment(name),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait(self, name: str, condition: str) -> None:
        """Until the service has ended well, or its own health check says that it is well."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._is_met(name, condition):
            assert condition == "service_completed_successfully" or self._runs(name), f"{name} ended\n{self._end(name)}"
            assert time.monotonic() < deadline, f"{name}: not {condition} after {PATIENCE_SECONDS} s\n{self._end(name)}"
            time.sleep(0.5)

    def _is_met(self, name: str, condition: str) -> bool:
        if condition == "service_completed_successfully":
            ended = self._processes[name].poll()
            assert not ended, f"{name} failed\n{self._end(name)}"
            return ended == 0
        kind, *command = self.services[name]["healthcheck"]["test"]
        check = ["sh", "-c", *command] if kind == "CMD-SHELL" else command
        done = subprocess.run(check, env=self._environment(name), cwd=self._folder, capture_output=True, check=False)
        return done.returncode == 0

    def _runs(self, name: str) -> bool:
        return name not in self._processes or self._processes[name].poll() is None

    def _environment(self, name: str) -> dict[str, str]:
        own = self._folder / "containers" / name
        (own / "airflow").mkdir(parents=True, exist_ok=True)
        programs = (Path(sys.executable).parent, Path(psql()).parent, os.environ["PATH"])
        image = {
            "PATH": os.pathsep.join(map(str, programs)),
            "HOME": str(own),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(PROJECT),
            "AIRFLOW_HOME": str(own / "airflow"),
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "tests.deploy.compose.hostname",
            "CONTAINER": name,
        }
        given = self.services[name]["environment"]
        handed_through = {key: self._variables[key] for key in given if given[key] is None and key in self._variables}
        return image | {key: value for key, value in given.items() if value is not None} | handed_through

    def _moved(self, name: str, value: Any, volumes: list[str]) -> Any:
        """The value with hosts, ports and folders of this machine."""
        if isinstance(value, dict):
            return {key: self._moved(name, item, volumes) for key, item in value.items()}
        if isinstance(value, list):
            return [self._moved(name, item, volumes) for item in value]
        if not isinstance(value, str) or value in volumes:
            return value
        hosts = "|".join(PORTS)
        value = re.sub(rf"\b({hosts})(?=:\d)", "127.0.0.1", value)
        value = re.sub(rf"\b({'|'.join(self._ports)})\b", lambda found: self._ports[found[0]], value)
        for path, folder in self._folders(name, volumes).items():
            value = re.sub(rf"(?<![\w.]){re.escape(path)}\b", str(folder), value)
        return value

    def _folders(self, name: str, volumes: list[str]) -> dict[str, Path]:
        mounted = {}
        for volume in volumes:
            source, path = volume.split(":")
            mounted[path] = self.volume(source)
            if source != "postgres":
                mounted[path].mkdir(parents=True, exist_ok=True)
        return {**mounted, "/var/lib/pel": self._folder / "containers" / name / "pel", "/opt/pel": PROJECT}

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _end(self, name: str) -> str:
        return self._log(name).read_text(errors="replace")[-5000:] if self._log(name).exists() else ""


def _renamed(value: Any, before: str, after: str) -> Any:
    """The value with another name in each of its texts."""
    return yaml.safe_load(yaml.safe_dump(value).replace(before, after))


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
