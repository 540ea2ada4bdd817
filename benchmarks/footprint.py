"""What an installation holds at a moment: memory, files, threads, connections, locks, tables, artifacts, logs.

Everything is read from outside, between two nights. Connections and locks come and go with every heartbeat: the least
of some looks counts, for what leaks is there at each of them.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from pel.local.stack import Stack
from pel.warehouse.provision import DATABASES

LOOKS = 5
SECONDS_BETWEEN_LOOKS = 0.2

SESSIONS = """
with sessions as (
    select * from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
)
select
    count(*) as connections,
    (select count(*) from pg_locks where pid in (select pid from sessions)) as locks,
    count(*) filter (where state like 'idle in transaction%' and xact_start < now() - interval '1 minute') as idle
from sessions
"""
TABLES = """
select n.nspname || '.' || c.relname, pg_total_relation_size(c.oid)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
"""
HELD = ("memory", "open files", "threads", "processes")

Figures = dict[str, float]


def footprint(stack: Stack, temporary: Path) -> Figures:
    """All figures by name; memory and sizes in bytes."""
    admin_url = stack.postgres.admin_url
    return {
        **processes(stack.supervisor.pids()),
        **sessions(admin_url),
        **tables(admin_url),
        **_files("artifacts", stack.home.folder / "artifacts"),
        **_files("task logs", stack.home.logs / "tasks"),
        "other logs, bytes": sum(file.stat().st_size for file in stack.home.logs.glob("*.log*")),
        "files left in the temporary folder": sum(1 for _ in temporary.rglob("*")),
    }


def cpu_seconds(pids: dict[str, int]) -> float:
    """What programs and their children, those that have ended too, have computed since they were started."""
    return sum(sum(_of_each(pid, lambda process: sum(process.cpu_times()[:4]))) for pid in pids.values())


def processes(pids: dict[str, int]) -> Figures:
    """What each program with its children holds, and all."""
    programs = {name: sum(_of_each(pid, _held), Counter()) for name, pid in sorted(pids.items())}
    total: Counter[str] = sum(programs.values(), Counter())
    return {
        **{f"{program}: {name}": held[name] for program, held in programs.items() for name in HELD},
        **{f"all: {name}": total[name] for name in HELD},
        "all: shared memory": total["shared memory"],
    }


def sessions(admin_url: str) -> Figures:
    """Connections of clients and their locks, this one's left out; transactions that nobody goes on with."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        looks = []
        for _ in range(LOOKS):
            looks.append(connection.execute(SESSIONS).fetchone())
            time.sleep(SECONDS_BETWEEN_LOOKS)
    return dict(zip(("connections", "locks", "transactions idle for a minute"), map(min, *looks), strict=True))


def tables(admin_url: str) -> Figures:
    """Bytes of each table with its indexes, and of all of a database."""
    figures: Figures = {}
    for database in DATABASES:
        with psycopg.connect(admin_url, dbname=database) as connection:
            sizes = {f"table {database}: {table}": int(size) for table, size in connection.execute(TABLES)}
        figures |= sizes | {f"database {database}, bytes": sum(sizes.values())}
    return figures


def _of_each(pid: int, figure: Callable[[psutil.Process], Any]) -> Iterator[Any]:
    """A figure of the process and of each of its children; one that ends meanwhile is left out."""
    program = psutil.Process(pid)
    for process in (program, *program.children(recursive=True)):
        with suppress(psutil.Error, OSError):
            yield figure(process)


def _held(process: psutil.Process) -> Counter[str]:
    """Memory without what Postgres shares: proportional set size, a page that two have counts half for each."""
    rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in rollup}
    shared = kilobytes["Pss_Shmem"]
    return Counter(
        {
            "memory": (kilobytes["Pss"] - shared) * 1024,
            "shared memory": shared * 1024,
            "open files": process.num_fds(),
            "threads": process.num_threads(),
            "processes": 1,
        }
    )


def _files(name: str, folder: Path) -> Figures:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {f"{name}, files": len(files), f"{name}, bytes": sum(file.stat().st_size for file in files)}
