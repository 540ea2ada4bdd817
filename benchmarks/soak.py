"""Two hundred nights on one machine, one after the other: what grows, and what must not.

Usage: python -m benchmarks.soak NIGHTS; goes on where it stopped, in PEL_HOME, and writes benchmarks/results/soak.json
after every night. Each night the date moves on by a day, the source delivers the file of that day
(:mod:`benchmarks.arrivals`), and `ingest_releases` is triggered, from which the other DAGs follow by themselves: what
the time schedule does at 04:00, without waiting for it.
"""

import json
import logging
import os
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.arrivals import deliver
from benchmarks.bounds import WARM_UP, judged
from benchmarks.footprint import cpu_seconds, footprint
from benchmarks.record import MACHINE, keep, speak_plainly
from pel.local import cycle, stack
from pel.local.errors import LocalError
from pel.settings import Settings
from pel.warehouse.provision import PIPELINE

logger = logging.getLogger("benchmarks")

FIRST_NIGHT = date(1985, 1, 1)
TRAINED = "select count(*) filter (where kind = 'pretrained'), count(*) filter (where kind = 'finetuned') " \
    "from pel.training_looks where as_of = %s and trains"  # fmt: skip
KEPT = ("table ", "database ", "artifacts", "task logs", "other logs")  # figures of what may grow by design


class Soak:
    """One soak of an installation of its own."""

    def __init__(self) -> None:
        self.home = Settings.from_environment().home
        self.file = self.home / "arrivals" / "movies.db"
        self.temporary = self.home / "tmp"
        self.kept = self.home / "soak.jsonl"
        for folder in (self.file.parent, self.temporary):
            folder.mkdir(parents=True, exist_ok=True)
        # a task that leaves files behind leaves them where nobody else's are
        os.environ |= {"TMPDIR": str(self.temporary), "PEL_SOURCE": "wikidata", "PEL_DATA": str(self.file)}
        os.environ["PEL_AS_OF"] = FIRST_NIGHT.isoformat()  # should the time schedule come round meanwhile
        self.settings = Settings.from_environment()
        self.series = [json.loads(line) for line in self._lines()]

    def run(self, nights: int) -> None:
        """So many nights in all, those included that were there before."""
        stack.up(self.settings)
        started, before = time.perf_counter(), len(self.series)
        while len(self.series) < nights:
            night = self.night(FIRST_NIGHT + timedelta(days=len(self.series)))
            self.series.append(night)
            with self.kept.open("a") as file:
                file.write(json.dumps(night) + "\n")
            keep("soak", self.figures())
            left = (time.perf_counter() - started) / (len(self.series) - before) * (nights - len(self.series))
            logger.info("%s; %.0f min left", _line(len(self.series), night), left / 60)

    def night(self, as_of: date) -> dict[str, Any]:
        """One night, and what the installation holds after it."""
        deliver(self.file, as_of, self.settings.settle_days)
        running = stack.open_stack(self.settings)
        started, computed, failed = time.perf_counter(), cpu_seconds(running.supervisor.pids()), 0
        try:
            with Path(os.devnull).open("w") as nowhere:
                cycle.run(self.settings, as_of, console=Console(file=nowhere))
        except LocalError as error:
            logger.info("%s", error)
            failed = 1
        seconds = round(time.perf_counter() - started, 1)
        with psycopg.connect(running.url(PIPELINE)) as connection:
            pretrained, finetuned = connection.execute(TRAINED, [as_of]).fetchone()
        return {
            "as_of": as_of.isoformat(),
            "seconds": seconds,
            "CPU seconds": round(cpu_seconds(running.supervisor.pids()) - computed, 1),
            "failed": failed,
            "pretrained": pretrained,
            "finetuned": finetuned,
            **footprint(running, self.temporary),
        }

    def figures(self) -> dict[str, Any]:
        """What is reported."""
        trained = [night for night in self.series if night["pretrained"] or night["finetuned"]]
        return {
            "machine": MACHINE,
            "nights": len(self.series),
            "warm_up": WARM_UP,
            "pre-trained": sum(night["pretrained"] for night in self.series),
            "fine-tuned": sum(night["finetuned"] for night in self.series),
            "nights with training": len(trained),
            "bounded": judged(self.series),
            "growing": self.growing(),
            "every tenth night": self.series_of_bounded()[::10],
        }

    def growing(self) -> dict[str, dict[str, float]]:
        """What is kept and grows: files and bytes after the warm-up, at the end and per night."""
        if len(self.series) <= WARM_UP + 1:
            return {}
        first, last = self.series[WARM_UP], self.series[-1]
        nights = len(self.series) - 1 - WARM_UP
        grown = {name: (last[name] - first.get(name, 0)) / nights for name in last if name.startswith(KEPT)}
        return {
            name: {"after warm-up": first.get(name, 0), "at the end": last[name], "per night": round(per_night)}
            for name, per_night in sorted(grown.items(), key=lambda item: -item[1])
            if per_night > 0
        }

    def series_of_bounded(self) -> list[dict[str, Any]]:
        """The nights with the bounded figures alone."""
        names = ["as_of", "pretrained", "finetuned", *judged(self.series)]
        return [{name: night[name] for name in names} for night in self.series]

    def _lines(self) -> list[str]:
        return self.kept.read_text().splitlines() if self.kept.exists() else []


def _line(number: int, night: dict[str, Any]) -> str:
    trained = " pre-trained" * night["pretrained"] + " fine-tuned" * night["finetuned"] + " FAILED" * night["failed"]
    return (
        f"{number}, as of {night['as_of']}: {night['seconds']:.0f} s, {night['CPU seconds']:.0f} of CPU{trained}, "
        f"{night['all: memory'] / 2**20:.0f} MB, {night['all: open files']} files, {night['connections']} connections"
    )


def show(figures: dict[str, Any], console: Console) -> None:
    """The bounded figures as a table."""
    table = Table("figure", "after warm-up", "at the end", "in 100 nights", "95 % interval", "bound", "holds")
    for name, judgement in figures["bounded"].items():
        bound = ", ".join(f"{key} {value}" for key, value in judgement["bound"].items() if key != "reason")
        columns = (
            judgement.get(key, "") for key in ("after warm-up", "at the end", "growth in 100 nights", "interval")
        )
        table.add_row(name, *map(str, columns), bound, str(judgement["holds"]))
    console.print(table)


def main(nights: str) -> None:
    """Run, show and keep the figures."""
    speak_plainly()
    logging.getLogger("httpx").setLevel(logging.WARNING)
    soak = Soak()
    try:
        soak.run(int(nights))
    finally:
        stack.down(soak.settings)
    show(soak.figures(), Console())


if __name__ == "__main__":
    main(*sys.argv[1:])
