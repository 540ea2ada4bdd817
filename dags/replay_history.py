"""### Replay the past, to see how right the forecasts would have been

For every date from `from` to `to`, some months apart, does the whole as it would have been done on that day: attributes
as of then, pre-training, fine-tuning, forecasts of the films upcoming within a year. It keeps them, beside what the
films made, for `replay_accuracy` and `replay_scoreboard`; models, champion and published predictions stay as they are.
This is how to judge a change of the code: replay before it and after it.

**Runs** when you trigger it. A date that was replayed already with the same films, code and parameters is not replayed
again unless forced. Dates wait for their turn among the training tasks, and nightly training goes first.

**When it is red**, the log of the date says why; clear it, and it goes on where it stopped. A date at which too few
films were known cannot be replayed: choose later ones. If `come_back` is red, attributes still look from a past date;
the next night brings them back as well.
"""

from airflow.sdk import Param, dag, task

from pel.pools import TRAINING_POOL
from pel.workflow import DEFAULTS, date_param, force_param


@task
def dates(params: dict) -> list[str]:
    """The dates to replay."""
    from pel.forecasts.replay import dates as dates_between
    from pel.settings import parse_date

    first, last = (parse_date(params[name] or "", name) for name in ("from", "to"))
    return [day.isoformat() for day in dates_between(first, last, params["every"])]


# nightly training goes first when both wait for the pool
@task(
    pool=TRAINING_POOL,
    priority_weight=0,
    weight_rule="absolute",
    map_index_template="{{ task.op_kwargs['as_of'] }}",
)
def replay(as_of: str, params: dict) -> None:
    """Do the whole for one past date, and keep what it forecasts."""
    from pel.forecasts.replay import replay as replay_date
    from pel.settings import parse_date

    replay_date(parse_date(as_of, "as_of"), force=params["force"])


@task
def come_back() -> None:
    """Bring the attributes back to the date from which the installation looks."""
    from pel.features.films import refresh
    from pel.settings import Settings

    refresh(Settings.from_environment().resolve_as_of())


@dag(
    schedule=None,
    params={
        "from": date_param("From", "The first date to replay."),
        "to": date_param("To", "The last date to replay, if the months lead to it."),
        "every": Param(6, type="integer", minimum=1, title="Every", description="Months from one date to the next."),
        "force": force_param("Replay"),
    },
    tags=["pel", "forecasts"],
    doc_md=__doc__,
    **DEFAULTS,
)
def replay_history():
    """Replay each date; then, whatever came of it, come back to the present."""
    replay.expand(as_of=dates()) >> come_back().as_teardown()


replay_history()
