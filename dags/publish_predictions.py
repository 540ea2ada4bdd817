"""### Publish the champion's predictions for films that are not out yet

Predicts every film upcoming at `as_of` (within a year) that has no prediction by the champion yet, and shows users the
champion's predictions in `upcoming_predictions`. Then explains each: what drives it (`prediction_drivers`), and which
past films are like it (`similar_films`). Predictions and explanations are added and never changed.

**Runs** after `finetune_box_office`, and every day at 07:30 UTC.

**When it is red**, users still see what was published last. If the log speaks of a SHA-256, the files of the model
were changed since it was registered: restore them, or trigger `finetune_box_office` with force.
"""

from airflow.sdk import dag, task

from pel.workflow import AS_OF, DEFAULTS, FINETUNED_MODEL, PREDICTIONS, after, announce, decide_as_of


@task
def publish(as_of: str) -> None:
    """Predict what is upcoming and show it; how many predictions are new is in the log."""
    from pel.forecasts.publish import publish as publish_predictions
    from pel.settings import parse_date

    publish_predictions(parse_date(as_of, "as_of"))


@task
def explain(as_of: str) -> None:
    """Explain the predictions that are not explained yet; how many these are is in the log."""
    from pel.forecasts.explain import explain as explain_predictions
    from pel.settings import parse_date

    explain_predictions(parse_date(as_of, "as_of"))


@dag(
    schedule=after(FINETUNED_MODEL, safety_net="30 7 * * *"),
    params={"as_of": AS_OF},
    tags=["pel", "forecasts"],
    doc_md=__doc__,
    **DEFAULTS,
)
def publish_predictions():
    """Publish, then say so, and explain what was published."""
    as_of = decide_as_of()
    publish(as_of) >> [announce(PREDICTIONS, as_of), explain(as_of)]


publish_predictions()
