"""Airflow's scheduler, once what an earlier one left behind was ended.

Its workers do not notice when it is killed: they would wait for tasks for good, a few more with every time. What they
are at, Airflow gives to others anyway.
"""

import os
import sys

from pel.local import leftovers


def main(arguments: list[str]) -> None:
    """Become ``airflow scheduler`` with these arguments."""
    leftovers.end_orphans(os.environ[leftovers.MARK])
    os.execv(sys.executable, [sys.executable, "-m", "airflow", "scheduler", *arguments])  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
