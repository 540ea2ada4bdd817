"""What one installation remembers in its folder: passwords, ports, and who is changing it.

``PEL_HOME`` is open to its user only, and every secret in it is a 0600 file. Under root the folder may be passed
through (0711) but not listed, because the embedded Postgres runs as ``nobody`` and its data lies inside.
"""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pel.local.errors import LocalError

# Passwords of the database roles and the Airflow user `admin`, keys that Airflow's programs share, the supervisor's
# password, and the mark by which processes of this installation are known.
SECRETS = (
    "postgres",
    "pel_owner",
    "pel_pipeline",
    "pel_reader",
    "pel_planner",
    "airflow",
    "admin",
    "jwt",
    "session",
    "supervisor",
    "mark",
)
# Not the folder as a whole: a user may have named one that holds other things too.
KEPT = (
    "airflow",
    "artifacts",
    "lock",
    "logs",
    "ports.json",
    "started-with",
    "supervisord.conf",
    "supervisord.pid",
    "secrets.json",
)


class Home:
    """The folder ``PEL_HOME``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        self.airflow = folder / "airflow"
        self.postgres = folder / "postgres"

    @property
    def exists(self) -> bool:
        """Whether an installation was started here."""
        return self._secrets.exists()

    def make(self) -> None:
        """Make the folder and its passwords; what is there stays."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.logs, self.airflow):
            folder.mkdir(exist_ok=True, mode=0o700)
        known = self.secrets() if self.exists else {}
        made = {name: secrets.token_urlsafe(24) for name in SECRETS if name not in known}
        if made:
            write_private(self._secrets, json.dumps({**known, **made}, indent=2))

    def secrets(self) -> Mapping[str, str]:
        """Passwords and keys by name; raises LocalError when nothing was ever started here."""
        if not self.exists:
            raise LocalError(f"Nothing was set up in {self.folder} yet; run `make run` or `pel up` first.")
        return dict(json.loads(self._secrets.read_text()))

    def ports(self) -> Mapping[str, int]:
        """Ports by program, as chosen by the last start; empty before the first."""
        return dict(json.loads(self._ports.read_text())) if self._ports.exists() else {}

    def remember_ports(self, ports: Mapping[str, int]) -> None:
        """Keep the ports for the commands that come after."""
        write_private(self._ports, json.dumps(ports, indent=2))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one command at a time change what runs; raises LocalError for the second."""
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LocalError(f"Another `pel` is starting or stopping {self.folder}; wait for it to end.") from None
            yield

    def remove(self) -> None:
        """Delete what an installation keeps here, but for the database, and the folder if that leaves it empty."""
        for name in KEPT:
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

    @property
    def _secrets(self) -> Path:
        return self.folder / "secrets.json"

    @property
    def _ports(self) -> Path:
        return self.folder / "ports.json"


def write_private(path: Path, text: str) -> None:
    """Replace a file as a whole, readable by its owner only from the first byte."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(text)
    unfinished.replace(path)
