"""What the DAG files share: the assets that chain them, the form fields, the defaults, and the date to look from.

An asset event says "look now", and from which date; what there is to do, each step asks Postgres.
"""

import logging
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from airflow.sdk import (
    Asset,
    AssetOrTimeSchedule,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    Metadata,
    Param,
    RetryAction,
    RetryRule,
    get_current_context,
    task,
)
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from pel.ensemble.registry import GPU_MODELS
from pel.notices import as_of_asked, tell_of_delay, tell_of_failure
from pel.pools import GPU_POOL
from pel.settings import Settings

logger = logging.getLogger(__name__)

FILMS = Asset("films")
TEMPORAL_DELTAS = Asset("temporal_deltas")
PRETRAINED_MODEL = Asset("pretrained_model")
FINETUNED_MODEL = Asset("finetuned_model")
PREDICTIONS = Asset("predictions")

# A lost connection is worth another try; a source that is not there, or a changed artifact, is not: it needs a person.
RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[
                "pel.sources.records.SourceError",
                "pel.training.artifacts.ArtifactError",
                "pel.warehouse.connection.WarehouseError",
                "builtins.ValueError",
            ],
            action=RetryAction.FAIL,
            reason="trying again cannot help",
        )
    ]
)

# A night's run takes minutes, and the retries of every task with their waiting not much over an hour. The first load of
# a whole catalogue may be late, and say so.
LATE = timedelta(hours=6)

DEFAULTS: dict[str, Any] = {
    "max_active_runs": 1,
    "catchup": False,
    "on_failure_callback": tell_of_failure,
    "deadline": DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, LATE, AsyncCallback(tell_of_delay)),
    "default_args": {
        "owner": "pel",
        "retries": 5,
        "retry_delay": timedelta(seconds=10),
        "retry_policy": RETRIES,
    },
}


def date_param(title: str, description: str) -> Param:
    """A day, or nothing."""
    return Param(None, type=["null", "string"], format="date", title=title, description=description)


AS_OF = date_param(
    "As of",
    "The date to look from; nothing known later enters. Empty: the date that the DAG before looked from, else the "
    "installation's (PEL_AS_OF), else today.",
)


def force_param(what: str) -> Param:
    """A tick box that overrides the reasons against."""
    return Param(False, type="boolean", title="Force", description=f"{what} even if there is no reason to.")


def every(cron: str) -> CronTriggerTimetable:
    """On a time schedule (UTC). The first run waits for the next slot: a new installation does not start by itself."""
    return CronTriggerTimetable(cron, timezone="UTC", run_immediately=timedelta(0))


def after(asset: Asset, safety_net: str) -> AssetOrTimeSchedule:
    """When the asset was looked after and, should that event be lost, on a time schedule (UTC) too."""
    return AssetOrTimeSchedule(assets=[asset], timetable=every(safety_net))


def on_cpu_and_gpu(fit: Any, version: Any, base_models: Iterable[str]) -> list[Any]:
    """A mapped task per base model: those that gain from a GPU on its queue and in its pool.

    The queue's worker need not have a GPU: the device is chosen where the task runs.
    """
    names = set(base_models)
    on_gpu = fit.override(task_id=f"{fit.function.__name__}_on_gpu", queue="gpu", pool=GPU_POOL)
    return [
        fitted.partial(version=version).expand(name=sorted(of_them))
        for fitted, of_them in ((fit, names - GPU_MODELS), (on_gpu, names & GPU_MODELS))
        if of_them
    ]


@task
def decide_as_of() -> str:
    """The date to look from: the form's, else that of the newest event that started the run, else the settings'."""
    as_of: date = Settings.from_environment().resolve_as_of(as_of_asked(get_current_context()))
    logger.info("looking from %s", as_of)
    return as_of.isoformat()


def leave_note(text: str) -> None:
    """Say something in the UI about what the task found: it is the task's note (plugins/task_notes.py)."""
    get_current_context()["ti"].xcom_push(key="note", value=text)


def announce(asset: Asset, as_of: Any) -> Any:
    """A task that tells the next DAG to look, and from which date, once all before it has succeeded or was skipped."""

    @task(task_id="announce", outlets=[asset], trigger_rule="none_failed")
    def emit(as_of: str) -> Iterator[Metadata]:
        yield Metadata(asset, extra={"as_of": as_of})

    return emit(as_of)
