"""How much of its own past Airflow keeps: runs and events in its database, logs of tasks in a folder.

Both grow with every task for ever. Airflow's command ``airflow db clean`` knows its tables; a task may not open that
database, so the command gets its address from a connection that an installation has to grant.
"""

import logging
import os
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

logger = logging.getLogger(__name__)

# Long enough to see what became of a quarter's runs.
KEEP_DAYS = 90


def clean_database(metadata_url: str, *, keep_days: int = KEEP_DAYS) -> None:
    """Delete what is older than so many days from Airflow's database. Raises CalledProcessError if that fails."""
    before = datetime.now(UTC) - timedelta(days=keep_days)
    command = [sys.executable, "-m", "airflow", "db", "clean", "--clean-before-timestamp", before.isoformat()]
    url = "postgresql+psycopg2://" + metadata_url.partition("://")[2]
    done = subprocess.run(
        [*command, "--yes", "--skip-archive", "--error-on-cleanup-failure"],
        env=os.environ | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        logger.info(line)
    done.check_returncode()


def remove_logs(folder: Path, *, keep_days: int = KEEP_DAYS) -> int:
    """Remove log files that nobody has written to for so many days, and folders left empty; returns their bytes."""
    before = (datetime.now(UTC) - timedelta(days=keep_days)).timestamp()
    sizes = []
    # looked at before anything is removed, which would make folders seem new; what is new may be about to be written to
    old = [(path, found) for path in folder.rglob("*") if (found := path.lstat()).st_mtime < before]
    for path, found in sorted(old, reverse=True):
        if path.is_dir():
            with suppress(OSError):
                path.rmdir()
        else:
            path.unlink()
            sizes.append(found.st_size)
    logger.info("%s log files removed, %s bytes", f"{len(sizes):,}", f"{sum(sizes):,}")
    return sum(sizes)
