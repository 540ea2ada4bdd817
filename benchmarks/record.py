"""What all benchmarks share: the machine, how they speak, and where their figures are kept."""

import json
import logging
import os
import platform
from pathlib import Path
from typing import Any

THREADS = os.cpu_count() or 1
MACHINE = f"{THREADS} cores, {platform.machine()}"


def results(name: str) -> Path:
    """The file of a benchmark's figures."""
    return Path(__file__).parent / "results" / f"{name}.json"


def keep(name: str, figures: dict[str, Any]) -> None:
    """Write the figures of a benchmark, in place of those of its last run."""
    results(name).write_text(json.dumps(figures, indent=2) + "\n")


def speak_plainly() -> None:
    """Log lines of a benchmark as they are, and not those of the migrations beneath it."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
