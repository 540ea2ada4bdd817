"""Everything that runs on one machine, as one thing: up, down, status.

``up`` brings the machine into the state that the settings ask for and may be called at any time. What runs under
supervisord inherits its environment from it, so new settings mean a new supervisord.
"""

import hashlib
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pel.local import airflow, leftovers, ports
from pel.local.airflow_api import AirflowApi
from pel.local.embedded import EmbeddedPostgres
from pel.local.errors import LocalError
from pel.local.home import Home, write_private
from pel.local.supervisor import Program, Supervisor
from pel.pools import DESCRIPTIONS, GPU_POOL, TRAINING_POOL
from pel.settings import Settings
from pel.warehouse.provision import AIRFLOW, OWNER, PIPELINE, PLANNER, READER, ROLES, database_url, provision

logger = logging.getLogger(__name__)

POSTGRES_GROUP = "database"
FREE_DISK_GB = 3
FIRST_UI_PORT = 8080
HEALTHY_SECONDS = 240


@dataclass(frozen=True)
class Status:
    """What runs.

    Attributes:
        programs: Supervisord's word for the state of each program, by name.
        unhealthy: What Airflow says of those of its components that are not healthy.
        ui_url: Address of Airflow's UI.
        password: Password of its user ``admin``.
    """

    programs: Mapping[str, str]
    unhealthy: Mapping[str, str]
    ui_url: str
    password: str


class Stack:
    """The programs of one installation and how to reach them.

    Args:
        settings: The installation's settings.
        chosen: Ports by program: ``postgres``, ``ui`` and ``supervisor``.
    """

    def __init__(self, settings: Settings, chosen: Mapping[str, int]) -> None:
        self.settings = settings
        self.home = Home(settings.home)
        self.secrets = self.home.secrets()
        self.ports = chosen
        self.supervisor = Supervisor(settings.home, port=chosen["supervisor"], password=self.secrets["supervisor"])
        self.postgres = EmbeddedPostgres(self.home.postgres, password=self.secrets["postgres"], port=chosen["postgres"])

    @property
    def api(self) -> AirflowApi:
        """Airflow's REST API."""
        return AirflowApi(airflow.ui_url(self.ports["ui"]), self.secrets["admin"])

    def url(self, role: str, database: str = "pel") -> str:
        """URL of a database as one of our roles."""
        admin_url = self.settings.postgres_url or self.postgres.admin_url
        return database_url(admin_url, role, self.secrets[role], database)

    def programs(self) -> list[Program]:
        """What the supervisor keeps alive."""
        if self.settings.postgres_url:
            return airflow.programs()
        # Postgres runs as another account under root: it gets none of our secrets.
        bare = (shutil.which("env") or "/usr/bin/env", "-i", "LC_ALL=C")
        server = Program(
            name="postgres",
            command=(*bare, *self.postgres.argv()),
            group=POSTGRES_GROUP,
            account=self.postgres.account,
            stop_signal="INT",
        )
        return [server, *airflow.programs()]

    def environment(self) -> dict[str, str]:
        """The programs' environment: this process's, less what only ``up`` reads, plus ours."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PEL_")}
        venv = f"{Path(sys.executable).parent}{os.pathsep}{inherited.get('PATH', os.defpath)}"
        ours = airflow.environment(
            self.settings,
            self.home,
            ui_port=self.ports["ui"],
            metadata_url=self.url(AIRFLOW, "airflow"),
            pipeline_url=self.url(PIPELINE),
            reader_url=self.url(READER),
            planner_url=self.url(PLANNER),
        )
        return {**inherited, "PATH": venv, **ours, **leftovers.environment(self.secrets["mark"])}


def up(settings: Settings) -> Status:
    """Start what is not running, and restart what runs with other settings; returns once all is healthy.

    Raises LocalError saying what is in the way.
    """
    _check_machine(settings)
    home = Home(settings.home)
    home.make()
    with home.alone():
        stack = Stack(settings, _choose_ports(settings, home))
        _start_supervisor(stack)
        _start_postgres(stack)
        _start_airflow(stack)
    return status(settings)


def down(settings: Settings) -> list[str]:
    """Stop everything; returns the names of what was running."""
    home = Home(settings.home)
    if not home.exists or not home.ports():
        return []
    with home.alone():
        return _stop(Stack(settings, home.ports()))


def status(settings: Settings) -> Status:
    """What runs, without changing it."""
    stack = open_stack(settings)
    states = stack.supervisor.states()
    unhealthy = stack.api.unhealthy() if states else {}
    return Status(states, unhealthy, airflow.ui_url(stack.ports["ui"]), stack.secrets["admin"])


def open_stack(settings: Settings) -> Stack:
    """The installation as last started; raises LocalError when it never was."""
    home = Home(settings.home)
    home.secrets()
    if not home.ports():
        raise LocalError(f"Nothing was started in {settings.home} yet; run `make run` or `pel up` first.")
    return Stack(settings, home.ports())


def clean(settings: Settings) -> list[str]:
    """Stop everything and delete what the installation keeps: database, models, logs, passwords.

    Returns the names of what was running. Anything else that lies in the folder stays.
    """
    stopped = down(settings)
    home = Home(settings.home)
    if home.exists:
        EmbeddedPostgres(home.postgres, password="").remove()
        home.remove()
    return stopped


def _check_machine(settings: Settings) -> None:
    if not (3, 11) <= sys.version_info[:2] < (3, 13):
        raise LocalError(f"This is Python {sys.version.split()[0]}; P-EL needs 3.11 or 3.12.")
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free / 1e9
    if free < FREE_DISK_GB:
        raise LocalError(
            f"{folder} has {free:.1f} GB free, and P-EL needs {FREE_DISK_GB}. "
            "Make room, or set PEL_HOME to a folder on another disk."
        )


def _choose_ports(settings: Settings, home: Home) -> dict[str, int]:
    """The ports asked for, else those of the last start, else free ones."""
    last = home.ports()
    running = _is_running(settings, last)

    def choose(program: str, otherwise: Callable[[], int]) -> int:
        port = last.get(program)
        return port if port and (running or not ports.why_not(port)) else otherwise()

    def asked(program: str, setting: str, port: int) -> int:
        return port if running and port == last[program] else ports.require_free(port, setting)

    chosen = {"supervisor": choose("supervisor", ports.free_port)}
    if settings.postgres_port:
        chosen["postgres"] = asked("postgres", "PEL_POSTGRES_PORT", settings.postgres_port)
    else:
        chosen["postgres"] = choose("postgres", ports.free_port)
    if settings.ui_port:
        chosen["ui"] = asked("ui", "PEL_UI_PORT", settings.ui_port)
    else:
        chosen["ui"] = choose("ui", lambda: ports.next_free_port(FIRST_UI_PORT))
    return chosen


def _is_running(settings: Settings, last: Mapping[str, int]) -> bool:
    """Whether supervisord of the last start answers; what outlived one that does not is ended."""
    if not last:
        return False
    stack = Stack(settings, last)
    if stack.supervisor.answers():
        return True
    _stop(stack)
    return False


def _start_supervisor(stack: Stack) -> None:
    """Have a supervisord with the environment asked for; one with another is stopped first."""
    if not stack.settings.postgres_url:
        stack.postgres.prepare()
    airflow.prepare_login(stack.home)
    configuration, environment = stack.supervisor.configuration(stack.programs()), stack.environment()
    ours = sorted(f"{name}={value}" for name, value in environment.items() if name.startswith(("PEL_", "AIRFLOW")))
    fingerprint = hashlib.sha256("\n".join([configuration, airflow.VERSION, *ours]).encode()).hexdigest()
    started_with = stack.home.folder / "started-with"
    if stack.supervisor.answers() and started_with.exists() and started_with.read_text() == fingerprint:
        return
    if stopped := _stop(Stack(stack.settings, stack.home.ports() or stack.ports)):
        logger.info("Stopped what ran with other settings: %s", ", ".join(stopped))
    stack.home.remember_ports(stack.ports)
    stack.supervisor.start(configuration, environment)
    write_private(started_with, fingerprint)


def _start_postgres(stack: Stack) -> None:
    from pel.warehouse.migrations import migrate

    admin_url = stack.settings.postgres_url
    if admin_url is None:
        stack.supervisor.run(POSTGRES_GROUP)
        try:
            stack.postgres.wait_until_ready()
        except LocalError as error:
            raise LocalError(f"{error}\nIts log is {stack.home.logs / 'postgres.log'}.") from error
        logger.info("Postgres answers on 127.0.0.1:%s", stack.ports["postgres"])
    provision(admin_url or stack.postgres.admin_url, {role: stack.secrets[role] for role in ROLES})
    migrate(stack.url(OWNER))


def _start_airflow(stack: Stack) -> None:
    log = stack.home.logs / "airflow-migrate.log"
    if airflow.migrate(stack.url(AIRFLOW, "airflow"), stack.environment(), log):
        logger.info("Airflow's database is ready")
    if started := stack.supervisor.run(airflow.GROUP):
        logger.info("Started %s; waiting until they are healthy", ", ".join(started))
    _wait_until_healthy(stack)
    for pool, slots in {TRAINING_POOL: max(1, (os.cpu_count() or 1) // 4), GPU_POOL: 1}.items():
        stack.api.ensure_pool(pool, slots, DESCRIPTIONS[pool])


def _wait_until_healthy(stack: Stack) -> None:
    deadline = time.monotonic() + HEALTHY_SECONDS
    while unhealthy := stack.api.unhealthy():
        if time.monotonic() > deadline:
            raise LocalError(
                f"After {HEALTHY_SECONDS} s Airflow is still not healthy: {unhealthy}. "
                f"Read the logs in {stack.home.logs}."
            )
        time.sleep(0.5)


def _stop(stack: Stack) -> list[str]:
    states = stack.supervisor.states()
    if states:
        stack.supervisor.shutdown()
    stopped = [name for name, state in states.items() if state == "RUNNING"]
    return stopped + leftovers.end(stack.secrets["mark"], stack.postgres.data)
