"""What the operator is told of: a run that failed, and one that is late. Airflow calls these functions."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from pel.notify import notify
from pel.settings import Settings

WHEN_RED = "**When it is red**"


def tell_of_failure(context: Mapping[str, Any]) -> None:
    """Tell of a run that failed: where, from which date it looked, where the log is, and what to do."""
    dag, task = context["dag"], context.get("ti")
    where = f"{dag.dag_id}, task {task.task_id}" if task else dag.dag_id
    log = task.log_url if task else run_url(dag.dag_id, context["run_id"])
    told = {"Run": context["run_id"], "Looked from": _looked_from(context), "Log": log}
    notify(f"P-EL: {where} failed", f"{_lines(told)}\n\n{_when_red(dag.doc_md)}")


async def tell_of_delay(context: Mapping[str, Any]) -> None:
    """Tell of a run that has not ended by its deadline; one that failed was told of already."""
    run = context["dag_run"]
    if run["state"] == "failed":
        return
    told = {
        "Run": run["dag_run_id"],
        "State": run["state"],
        "Queued at": run["queued_at"],
        "Look at": run_url(run["dag_id"], run["dag_run_id"]),
    }
    text = "It goes on. Look which task runs or waits, and for what; its log says how far it is."
    await asyncio.to_thread(notify, f"P-EL: {run['dag_id']} is late", f"{_lines(told)}\n\n{text}")


def run_url(dag_id: str, run_id: str) -> str:
    """Address of a run in the UI."""
    from airflow.sdk.configuration import conf

    return f"{conf.get('api', 'base_url').rstrip('/')}/dags/{dag_id}/runs/{quote(run_id)}"


def as_of_asked(context: Mapping[str, Any]) -> str | None:
    """The date to look from: the form's, else that of the newest event that started the run, if any."""
    events = [event for events in context["triggering_asset_events"].values() for event in events]
    newest = max(events, key=lambda event: event.timestamp, default=None)
    return context["params"]["as_of"] or (newest.extra.get("as_of") if newest else None)


def _looked_from(context: Mapping[str, Any]) -> str:
    with suppress(Exception):  # a notice that knows less is better than none
        return str(Settings.from_environment().resolve_as_of(as_of_asked(context)))
    return "not known"


def _when_red(doc: str | None) -> str:
    """What the DAG's page says on what to do, as plain text."""
    _, found, what_to_do = (doc or "").partition(WHEN_RED)
    return f"When it is red{what_to_do}".replace("`", "").strip() if found else ""


def _lines(told: Mapping[str, object]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in told.items())
