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


def end_orphans(mark: str) -> list[str]:
    """End what carries the mark and outlived the marked process that started it, but for what started this one."""
    above = psutil.Process().parents()
    orphans = [process for process in _marked(mark) if process not in above and _has_lost_its_parent(process, mark)]
    return _end([each for orphan in orphans for each in (orphan, *_below(orphan))])


def _has_lost_its_parent(process: psutil.Process, mark: str) -> bool:
    with suppress(psutil.Error):
        parent = process.parent()
        return parent is None or not _is_marked(parent, mark)
    return False


def _below(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return process.children(recursive=True)
    return []


def _marked(mark: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _is_marked(process, mark)]


def _is_marked(process: psutil.Process, mark: str) -> bool:
    with suppress(psutil.Error):
        return bool(process.environ().get(MARK) == mark)
    return False


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
