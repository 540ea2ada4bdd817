"""### Answer "what if?"

Forecasts the scenarios that wait in `scenarios`, each as if its film were so, by the model whose predictions users see,
and shows them beside the film's own forecast in `scenario_predictions`. A scenario that cannot be forecast has the
reason there, in `error`: it stops no other, and this DAG stays green. Films and forecasts stay as they are.

**Runs** every five minutes, and when you trigger it; the form adds a scenario of yours first. Five minutes are soon
enough for a person to come back to, and the 288 runs of a day, nearly all of which find nothing and end after one look,
leave some rows each in Airflow's database, which `maintenance` removes after their time.

**When it is red**, scenarios wait and nothing is lost: the next run answers them. If the log speaks of a SHA-256, the
files of the model were changed since it was registered: restore them, as for `publish_predictions`. If it waited for a
lock for half an hour, an ingest or a replay takes that long; the run after it goes on.
"""

from airflow.sdk import Param, dag, task

from pel.workflow import DEFAULTS, date_param, every, leave_note


def names_param(title: str, description: str) -> Param:
    """A list of names, or nothing."""
    return Param(None, type=["null", "array"], items={"type": "string"}, title=title, description=description)


@task
def score(params: dict, dag_run=None) -> None:
    """Add the form's scenario, if it has one, and answer all that wait; how many there were is the task's note."""
    from pel.forecasts.scenarios import ask
    from pel.forecasts.scenarios import score as score_scenarios

    if any(value is not None for value in params.values()):
        ask(params, by=f"{dag_run.triggering_user_name or 'hand'} {dag_run.run_id}")
    if scenarios := score_scenarios():
        leave_note(f"{scenarios:,} scenarios answered; scenario_predictions has them.")


@dag(
    schedule=every("*/5 * * * *"),
    params={
        "film_id": Param(
            None,
            type=["null", "integer"],
            title="Film",
            description="Number of an upcoming film, as in upcoming_predictions. Empty: one that does not exist yet.",
        ),
        "title": Param(None, type=["null", "string"], title="Title", description="A name for the scenario."),
        "release_date": date_param(
            "Release date", "The day of release, within a year. Empty here and below: as it is."
        ),
        "budget": Param(None, type=["null", "number"], title="Budget", description="US dollars."),
        "directors": names_param("Directors", "All directors, one a line."),
        "cast_members": names_param("Cast", "The whole cast, one a line, first billed first."),
        "genres": names_param("Genres", "All genres, one a line."),
        "companies": names_param("Companies", "All production companies, one a line."),
        "collection": Param(None, type=["null", "string"], title="Collection", description="The series."),
        "as_of": date_param("As of", "A published date from which to look. Empty: the newest."),
    },
    tags=["pel", "forecasts"],
    doc_md=__doc__,
    **DEFAULTS,
)
def score_scenarios():
    """One look."""
    score()


score_scenarios()
