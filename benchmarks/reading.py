"""How quick reading is with ten million forecasts kept: every view, for one film and for a year.

Usage: python -m benchmarks.reading; fills a Postgres of its own (benchmarks/reading.sql) and writes
benchmarks/results/reading.json with the milliseconds and the plan of each question.
"""

import json
import logging
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.record import MACHINE, keep, speak_plainly
from pel.local.embedded import EmbeddedPostgres
from pel.warehouse.migrations import migrate
from pel.warehouse.provision import OWNER, READER, ROLES, database_url, provision

logger = logging.getLogger("benchmarks")

TIMES = 5
WANTED_MS = {"film": 100, "year": 1000}
FILM = 28_000  # comes out four months after the last forecasts
PAST_FILM = 20_000  # its box office is known
YEAR = "release_date between '2023-01-01' and '2023-12-31'"
QUESTIONS = {
    "upcoming_predictions": {
        "film": f"select * from upcoming_predictions where film_id = {FILM}",
        "year": "select * from upcoming_predictions",
    },
    "published_predictions": {
        "film": f"select * from published_predictions where film_id = {FILM}",
        "year": f"select * from published_predictions where as_of = '2023-01-01' and {YEAR}",
    },
    "prediction_history": {
        "film": f"select * from prediction_history where film_id = {FILM}",
        "year": f"select * from prediction_history where extract(dow from as_of) = 1 and as_of >= '2023-01-01' "
        f"and as_of < '2024-01-01' and days_to_release <= 56 and {YEAR}",
    },
    "prediction_accuracy": {
        "film": f"select * from prediction_accuracy where film_id = {PAST_FILM}",
        "year": f"select * from prediction_accuracy where as_of = '2023-01-01' and {YEAR}",
    },
    "accuracy_by_lead": {
        "film": f"select * from accuracy_by_lead where film_id = {PAST_FILM}",
        "year": f"select * from accuracy_by_lead where {YEAR}",
    },
    "accuracy_summary": {
        "year": "select * from accuracy_summary where slice = 'year' and value = '2023'",
        "all": "select * from accuracy_summary",
    },
    "prediction_drivers": {
        "film": f"select * from prediction_drivers where film_id = {FILM}",
        "year": "select * from prediction_drivers where as_of = '2024-12-31' and detail is null",
    },
    "similar_films": {
        "film": f"select * from similar_films where film_id = {FILM} and as_of = '2024-12-31'",
        "year": "select * from similar_films where as_of = '2024-12-31' and rank = 1",
    },
    "scenario_predictions": {
        "film": f"select * from scenario_predictions where film_id = {FILM}",
        "year": "select * from scenario_predictions",
    },
}


def ask(url: str, question: str) -> dict[str, Any]:
    """Milliseconds of several readings, all rows fetched, after a first one; and the plan."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = len(connection.execute(question).fetchall())
        milliseconds = []
        for _ in range(TIMES):
            started = time.perf_counter()
            connection.execute(question).fetchall()
            milliseconds.append(1000 * (time.perf_counter() - started))
        plan = [line for (line,) in connection.execute(f"explain {question}")]
    return {
        "question": question,
        "rows": rows,
        "milliseconds": {
            "median": round(statistics.median(milliseconds), 1),
            "least": round(min(milliseconds), 1),
            "most": round(max(milliseconds), 1),
        },
        "plan": plan,
    }


def fill(admin_url: str) -> str:
    """Roles, tables and ten million forecasts; returns the URL of a reader."""
    provision(admin_url, dict.fromkeys(ROLES, "benchmark"))
    migrate(database_url(admin_url, OWNER, "benchmark", "pel"))
    with psycopg.connect(admin_url, dbname="pel", autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # no need to look up each film and model
        started = time.perf_counter()
        connection.execute(Path(__file__).with_suffix(".sql").read_text())
        connection.execute("vacuum analyze")
        (forecasts,) = connection.execute("select count(*) from pel.predictions").fetchone()
    logger.info("%s forecasts, filled in %.0f s", f"{forecasts:,}", time.perf_counter() - started)
    return database_url(admin_url, READER, "benchmark", "pel")


def measure(url: str) -> dict[str, Any]:
    """Every question."""
    views: dict[str, dict[str, Any]] = {}
    for view, questions in QUESTIONS.items():
        views[view] = {}
        for kind, question in questions.items():
            found = views[view][kind] = ask(url, question)
            logger.info("%-24s%-6s%8s rows%10.1f ms", view, kind, f"{found['rows']:,}", found["milliseconds"]["median"])
    return views


def main() -> None:
    """Fill, ask, keep the figures."""
    speak_plainly()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        postgres = EmbeddedPostgres(Path(folder) / "postgres", password="benchmark")  # noqa: S106 (of a server that lives as long as this)
        postgres.start()
        try:
            views = measure(fill(postgres.admin_url))
        finally:
            postgres.remove()
    keep("reading", {"machine": MACHINE, "wanted_ms": WANTED_MS, "views": views})
    logger.info(
        "%s", json.dumps({view: {k: q["milliseconds"] for k, q in found.items()} for view, found in views.items()})
    )


if __name__ == "__main__":
    main()
