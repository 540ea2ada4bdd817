"""Processes of an installation that nobody looks after any more, found by what only they have.

Supervisord stops what it started. When it was killed itself, or a task outlived a killed scheduler, what is left is
known by the mark in its environment, and Postgres by the file in its data folder: never by a name.
"""

from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]

MARK = "PEL_INSTALLATION"
GRACE_SECONDS = 10


def environment(mark: str) -> dict[str, str]:
    """The environment that makes a process, and all it starts, known by the mark."""
    return {MARK: mark, "SPT_NOENV": "1"}  # Airflow renames its processes: without overwriting their environment


def end(mark: str, postgres_data: Path) -> list[str]:
    """End what carries the mark, then the Postgres of the data folder; returns the names of what was ended."""
    return [*_end(_marked(mark)), *_end(_postmaster(postgres_data))]


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(MARK) == mark:
                found.append(process)
    return found


def _postmaster(data: Path) -> list[psutil.Process]:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        process = psutil.Process(int(lines[0]))
        began = process.create_time()
    except (OSError, psutil.Error):
        return []
    same = abs(began - int(lines[2])) < GRACE_SECONDS  # else the number was given to another process since
    return [process, *process.children(recursive=True)] if same else []


def _end(processes: list[psutil.Process]) -> list[str]:
    names = []
    for process in processes:
        with suppress(psutil.Error):
            names.append(f"{process.name()} ({process.pid})")
            process.terminate()
    for process in psutil.wait_procs(processes, timeout=GRACE_SECONDS)[1]:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=GRACE_SECONDS)
    return names
