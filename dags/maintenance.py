"""### Remove what is kept no longer

Removes the files of models that nothing needs any more (never the champion's, never those of forecasts that users see;
the page Operations of the documentation has the rule), what runs left that never ended, the old past of Airflow's own
database, and old logs of tasks. Facts, predictions, decisions and the rows of models are kept for ever. The log says
what was removed, and how many bytes.

**Runs** every Sunday at 02:00 UTC.

**When it is red**, nothing is lost, and disk is used that need not be: the log says what could not be removed. What the
other tasks remove does not depend on it. `clean_airflow` is skipped where there is no connection `airflow_metadata`,
the URL of Airflow's database; `pel up` makes it.
"""

from pathlib import Path

from airflow.sdk import Connection, Param, dag, task
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException

from pel.airflow_history import KEEP_DAYS as KEEP_HISTORY_DAYS
from pel.training.thresholds import KEEP_DAYS
from pel.workflow import AS_OF, DEFAULTS, decide_as_of, every


@task
def remove_artifacts(as_of: str, params: dict) -> None:
    """Remove files of models, by the rule."""
    from pel.settings import parse_date
    from pel.training.retention import remove_artifacts as remove

    remove(parse_date(as_of, "as_of"), keep_days=params["keep_models_days"])


@task
def clean_airflow(params: dict) -> None:
    """Delete old runs, events and the like from Airflow's database."""
    from pel.airflow_history import clean_database

    try:
        url = Connection.get("airflow_metadata").get_uri()
    except AirflowNotFoundException:
        raise AirflowSkipException(
            "There is no connection airflow_metadata, so Airflow's database stays as it is."
        ) from None
    clean_database(url, keep_days=params["keep_history_days"])


@task
def remove_logs(params: dict) -> None:
    """Remove old logs of tasks."""
    from pel.airflow_history import remove_logs as remove

    remove(Path(conf.get("logging", "base_log_folder")), keep_days=params["keep_history_days"])


@dag(
    schedule=every("0 2 * * 0"),
    params={
        "as_of": AS_OF,
        "keep_models_days": Param(
            KEEP_DAYS,
            type="integer",
            minimum=1,
            title="Days to keep models",
            description="Files of models whose as_of is older go, unless something needs them.",
        ),
        "keep_history_days": Param(
            KEEP_HISTORY_DAYS,
            type="integer",
            minimum=1,
            title="Days to keep Airflow's history",
            description="Runs and logs that are older go.",
        ),
    },
    tags=["pel", "maintenance"],
    doc_md=__doc__,
    **DEFAULTS,
)
def maintenance():
    """Three things, none of which waits for another."""
    remove_artifacts(decide_as_of())
    clean_airflow()
    remove_logs()


maintenance()
