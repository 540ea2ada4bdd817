"""### Go back to an earlier champion

Makes the champion before the present one champion again, or the version of the form, from the day of the form on; the
decision is kept in `pel.promotions` with the name of whoever triggered it. Then tells `publish_predictions`, so that
users see the forecasts of that champion. `pel rollback` does the same from a terminal.

**Runs** when you trigger it, and never by itself.

**When it is red**, nothing was changed: the log says what there is to go back to, or that the files of that version
were removed. Trigger it again with another version; `pel.promotions` has all champions there were.
"""

from airflow.sdk import Param, dag, task

from pel.workflow import DEFAULTS, FINETUNED_MODEL, announce, date_param, leave_note


@task
def go_back(params: dict, dag_run=None) -> str:
    """Make the earlier model the champion; the date from which its forecasts are wanted."""
    from pel.settings import Settings, parse_date
    from pel.training.rollback import roll_back

    day = parse_date(params["as_of"], "as_of") if params["as_of"] else None
    champion, since = roll_back(params["version"], as_of=day, by=dag_run.triggering_user_name or "hand")
    leave_note(f"From {since} on the champion is {champion}.")
    return max(since, Settings.from_environment().resolve_as_of(day)).isoformat()


@dag(
    schedule=None,
    params={
        "version": Param(
            None,
            type=["null", "string"],
            title="Version",
            description="An earlier champion, as pel.promotions names it. Empty: the one before the present champion.",
        ),
        "as_of": date_param("As of", "The day from which it is champion. Empty: that of the newest promotion."),
    },
    tags=["pel", "training"],
    doc_md=__doc__,
    **DEFAULTS,
)
def roll_back():
    """Go back, then tell the others."""
    announce(FINETUNED_MODEL, go_back())


roll_back()
