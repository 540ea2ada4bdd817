"""How load, attributes and deltas scale, as ratios to the least that Postgres could do, measured in one run.

Usage: python -m benchmarks.warehouse FILMS [ARCHIVE]; writes benchmarks/results/warehouse.json.
"""

import json
import logging
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.grown import GrownSource
from benchmarks.memory import PeakMemory
from benchmarks.record import MACHINE, keep, results, speak_plainly
from pel.features.films import refresh
from pel.local.embedded import EmbeddedPostgres
from pel.sources import Batch, Film, Source, make_source
from pel.warehouse.ingest import ingest
from pel.warehouse.migrations import migrate
from pel.warehouse.provision import OWNER, PIPELINE, ROLES, database_url, provision
from pel.warehouse.resolve import resolve

logger = logging.getLogger("benchmarks")

SETTLE_DAYS = 180
AS_OF = date(2017, 1, 1)
LOADED = [
    *["film_records", "films", "people", "credits", "genres", "film_genres", "companies", "film_companies"],
    *["collections", "film_collections", "countries", "film_countries", "languages", "film_languages"],
    *["keywords", "film_keywords", "budgets", "ratings", "box_office"],
]
NUMBERS = [
    f"{kind}_{what}"
    for kind in ("director", "cast", "collection", "company")
    for what in ("films", "box_office", "box_office_films", "rating")
] + ["budget"]
CHECKSUM = "select md5(string_agg(md5(a::text), '' order by film_id)) from pel.film_attributes a"


class Changed(Source):
    """Some films of the grown catalogue after a night."""

    name = GrownSource.name

    def __init__(self, grown: GrownSource, numbers: list[int]) -> None:
        self.location = f"{len(numbers)} changed"
        self._films = [grown.changed(number) for number in numbers]

    def batches(self) -> Iterator[Batch]:
        """All of them."""
        yield Batch("films", lambda: iter(self._films))


class Benchmark:
    """One run on a Postgres of its own."""

    def __init__(self, postgres: EmbeddedPostgres, real: list[Film], films: int) -> None:
        self.postgres = postgres
        self.grown = GrownSource(real, films)
        self.films = films
        self.seconds: dict[str, float] = {}
        passwords = dict.fromkeys(ROLES, "benchmark")
        provision(postgres.admin_url, passwords)
        self.owner_url = database_url(postgres.admin_url, OWNER, "benchmark", "pel")
        migrate(self.owner_url)
        os.environ["PEL_DATABASE_URL"] = database_url(postgres.admin_url, PIPELINE, "benchmark", "pel")

    def postgres_pid(self) -> int:
        """Process of the server."""
        return int((self.postgres.data / "postmaster.pid").read_text().split()[0])

    def timed(self, name: str, step: Callable[[], Any]) -> Any:
        """What the step returns; its seconds are kept and shown."""
        started = time.perf_counter()
        result = step()
        self.seconds[name] = time.perf_counter() - started
        logger.info("%-32s%10.2f s", name, self.seconds[name])
        return result

    def run(self) -> dict[str, Any]:
        """All steps, in their order; returns the figures."""
        self.timed("the source alone", lambda: sum(1 for _ in self.grown.records()))
        with PeakMemory(self.postgres_pid()) as memory:
            self.timed("ingest", lambda: ingest(self.grown, settle_days=SETTLE_DAYS))
            self.timed("resolve", lambda: resolve(settle_days=SETTLE_DAYS))
            self.sql("vacuum analyze", "vacuum analyze")
            self.timed("attributes, full", lambda: refresh(AS_OF))
            rows = self.count_rows()
            self.sql("vacuum after attributes", "vacuum analyze pel.film_attributes")
            self.measure_deltas()
            for films in (100, 10_000):
                self.change("recent", films, self.recent)
                self.change("any", films, self.any)
            incremental = self.checksum()
            self.sql("empty the attributes", "truncate pel.film_attributes")
            self.timed("attributes, full again", lambda: refresh(AS_OF))
            if incremental != self.checksum():
                raise AssertionError("The incremental attributes are not those of a full rebuild.")
            python, postgres = memory.python, memory.postgres
        self.copy_bare()
        return self.figures(rows) | {"memory_mb": {"python": python, "postgres": postgres}}

    def sql(self, name: str, statement: str) -> None:
        """Execute as the owner, timed."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            self.timed(name, lambda: connection.execute(statement))

    def count_rows(self) -> dict[str, int]:
        """Rows of every table that the load fills."""
        with psycopg.connect(self.owner_url) as connection:
            return {
                table: connection.execute(f"select count(*) from pel.{table}").fetchone()[0]  # noqa: S608
                for table in LOADED
            }

    def measure_deltas(self) -> None:
        """The view, beside the scan with lag() that nobody can do without."""
        lags = ", ".join(f"x.{name} - lag(x.{name}) over w as {name}" for name in NUMBERS)
        bare = f"""
            select {lags} from pel.films f join pel.film_attributes x using (film_id)
            where f.release_precision = 'day' window w as (order by f.release_date, film_id)
        """  # noqa: S608
        sums = ", ".join(f"sum({name})" for name in NUMBERS)
        self.sql("lag scan, bare", f"select {sums} from ({bare}) bare")  # noqa: S608
        self.sql("deltas", f"select {sums} from pel.temporal_deltas")  # noqa: S608
        self.sql("lag scan, bare, again", f"select {sums} from ({bare}) bare")  # noqa: S608
        self.sql("deltas, again", f"select {sums} from pel.temporal_deltas")  # noqa: S608
        self.sql("deltas with genres", f"select {sums}, sum(cardinality(genres_added)) from pel.temporal_deltas")  # noqa: S608

    def change(self, kind: str, films: int, draw: Callable[[int], list[int]]) -> None:
        """Change so many films, and bring everything up to date."""
        changed = Changed(self.grown, draw(films))
        self.timed(f"{films} {kind}: ingest, resolve", lambda: self.take_in(changed))
        self.timed(f"{films} {kind}: attributes", lambda: refresh(AS_OF))

    def take_in(self, source: Source) -> None:
        """Ingest and resolve."""
        ingest(source, settle_days=SETTLE_DAYS)
        resolve(settle_days=SETTLE_DAYS)

    def recent(self, films: int) -> list[int]:
        """Films of the last year before as_of and upcoming ones: what changes at night."""
        with psycopg.connect(self.owner_url) as connection:
            rows = connection.execute(
                "select r.source_key::bigint from pel.film_records r join pel.films f using (film_id) "
                "where f.release_date > %s::date - 365 and r.valid_until = 'infinity' order by 1",
                [AS_OF],
            ).fetchall()
        numbers = [number for (number,) in rows]
        return random.Random(films).sample(numbers, min(films, len(numbers)))  # noqa: S311

    def any(self, films: int) -> list[int]:
        """Films of any time."""
        return random.Random(-films).sample(range(self.films), min(films, self.films))  # noqa: S311

    def checksum(self) -> str:
        """A hash over all attributes."""
        with psycopg.connect(self.owner_url) as connection:
            return str(connection.execute(CHECKSUM).fetchone()[0])

    def copy_bare(self) -> None:
        """COPY of the same rows: into tables without anything, and into ones with the keys and indexes of ours."""
        with tempfile.TemporaryDirectory() as folder, psycopg.connect(self.owner_url, autocommit=True) as connection:
            for table in LOADED:
                with (
                    (Path(folder) / table).open("wb") as file,
                    connection.cursor().copy(
                        f"copy (select * from pel.{table}) to stdout (format binary)"  # noqa: S608
                    ) as copy,
                ):
                    for block in copy:
                        file.write(block)
            for name, like in (("bare", ""), ("indexed", "including all excluding generated")):
                connection.execute(f"create schema {name}")
                for table in LOADED:
                    connection.execute(f"create table {name}.{table} (like pel.{table} {like})")
                self.timed(f"COPY, {name}", lambda name=name: _copy_in(connection, name, Path(folder)))

    def figures(self, rows: dict[str, int]) -> dict[str, Any]:
        """What is reported: seconds, and ratios to what stands beside them."""
        s = self.seconds
        load = s["ingest"] + s["resolve"]
        beside_source = load - s["the source alone"]  # growing films is the benchmark's work, not the load's
        full = s["attributes, full"]
        changes = {name: s[name] / full for name in s if name.endswith(": attributes")}
        return {
            "films": self.films,
            "rows": rows,
            "machine": MACHINE,
            "seconds": {name: round(seconds, 2) for name, seconds in s.items()},
            "rows_per_second": {
                "load": round(sum(rows.values()) / load),
                "COPY, bare": round(sum(rows.values()) / s["COPY, bare"]),
                "COPY, indexed": round(sum(rows.values()) / s["COPY, indexed"]),
            },
            "ratios": {
                "load / COPY, bare (rows a second)": round(s["COPY, bare"] / load, 3),
                "load / COPY, indexed (rows a second)": round(s["COPY, indexed"] / load, 3),
                "load less the source / COPY, bare": round(s["COPY, bare"] / beside_source, 3),
                "load less the source / COPY, indexed": round(s["COPY, indexed"] / beside_source, 3),
                "deltas / bare lag scan (seconds)": round(s["deltas, again"] / s["lag scan, bare, again"], 3),
                **{f"{name} / full (seconds)": round(ratio, 4) for name, ratio in changes.items()},
            },
        }


def _copy_in(connection: psycopg.Connection, schema: str, folder: Path) -> None:
    for table in LOADED:
        with (
            (folder / table).open("rb") as file,
            connection.cursor().copy(f"copy {schema}.{table} from stdin (format binary)") as copy,
        ):
            while block := file.read(1 << 20):
                copy.write(block)


def real_films(archive: str | None) -> list[Film]:
    """The films to grow from: of the Kaggle archive or, without one, of the demo."""
    source = make_source("kaggle", archive) if archive else make_source("wikidata")
    return [record for batch in source.batches() for record in batch.records() if isinstance(record, Film)]


def main(films: str, archive: str | None = None) -> None:
    """Run, show and keep the figures."""
    speak_plainly()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder) / "postgres", password="benchmark") as postgres:  # noqa: S106
            figures = Benchmark(postgres, real_films(archive), int(films)).run()
    kept = json.loads(results("warehouse").read_text()) if results("warehouse").exists() else {}
    keep("warehouse", kept | {films: figures})
    logger.info(
        "%s", json.dumps({name: figures[name] for name in ("rows_per_second", "ratios", "memory_mb")}, indent=2)
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
