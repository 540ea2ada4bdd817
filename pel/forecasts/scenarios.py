"""Scenarios: what a film would make if it opened on another day, with another cast, for another budget.

Each is made a fact in a transaction that is rolled back: its film changes as an ingest would change it, its attributes
are computed and its row is read by the statements that the pipeline uses, and then it never was. So nobody ever sees
it, and a scenario that changes nothing has the film's own row, to the last bit.
"""

import logging
from collections.abc import Mapping
from datetime import date
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pandas as pd
import psycopg
from psycopg.types.json import Jsonb

from pel.features.films import HORIZON_DAYS, Cut, read, refresh_within
from pel.training.registry import registered
from pel.warehouse.connection import Connection, connect, lock_step, query, run
from pel.warehouse.progress import Progress

logger = logging.getLogger(__name__)

# Whose answers are kept at once: facts and attributes stand still while their rows are read.
BATCH = 100

# How often a film that does not exist yet is forecast, each time with what another film lends it.
DRAWS = 32

# Columns of pel.scenario_predictions.
Answer = dict[str, Any]
# A film as it is, or a scenario, with its number.
Key = tuple[Literal["film", "scenario"], int]
NOTHING = Cut(b"")


def ask(scenario: Mapping[str, Any], *, by: str) -> None:
    """Add a scenario, in the columns of ``public.scenarios`` that a user may set; once, if it is asked again."""
    with connect() as connection:
        run(connection, "scenarios/ask", {**scenario, "by": by})


def score() -> int:
    """Answer the scenarios that wait; returns how many there were.

    What is wrong with a scenario is its answer. A batch is one transaction: what was answered stays, whatever
    becomes of the next.
    """
    done = 0
    while answered := _score_batch():
        done += answered
    return done


def _score_batch() -> int:
    with connect() as connection:
        lock_step(connection, "scenarios")
        waiting = query(connection, "scenarios/waiting", {"limit": BATCH})
        if not waiting:
            return 0
        logger.info("%s scenarios wait", f"{waiting[0].waiting:,}")
        answers: list[Answer] = []
        looks = groupby(sorted(waiting, key=_look), _look)
        for (as_of, model_version), scenarios in looks:
            answers += _answer(connection, as_of, model_version, list(scenarios))
        kept = query(connection, "scenarios/keep", {"answers": Jsonb(answers)})
    predicted = sum(row.is_predicted for row in kept)
    logger.info("%s scenarios are forecast; %s have an error", f"{predicted:,}", f"{len(kept) - predicted:,}")
    return len(waiting)


def _look(scenario: Any) -> tuple[date, str]:
    return scenario.as_of, scenario.model_version or ""


def _answer(connection: Connection, as_of: date, model_version: str, scenarios: list[Any]) -> list[Answer]:
    """One answer a scenario; all that can be forecast are forecast at once, beside their films as they are."""
    if not model_version:
        error = f"nothing was published as of {as_of}, or its model is kept no longer; leave as_of empty for the newest"
        return [{"scenario_id": scenario.scenario_id, "error": error} for scenario in scenarios]
    answers, cuts = _read(connection, as_of, scenarios)
    forecasts = _forecast(connection, model_version, cuts) if cuts else {}
    for answer, scenario in zip(answers, scenarios, strict=True):
        base = forecasts.get(("film", scenario.film_id), {})
        if forecast := forecasts.get(("scenario", scenario.scenario_id)):
            answer |= forecast | {"as_of": as_of.isoformat(), "base_log10_dollars": base.get("log10_dollars")}
    return answers


def _read(connection: Connection, as_of: date, scenarios: list[Any]) -> tuple[list[Answer], dict[Key, Cut]]:
    """What there is to say of each scenario so far, and the rows to forecast, one a cut."""
    answers: list[Answer] = []
    cuts: dict[Key, Cut] = {}
    progress = Progress("scenarios", lambda: len(answers) / len(scenarios), look_every=1)
    with connection.transaction(force_rollback=True):
        refresh_within(connection, as_of)
        for film_id in {scenario.film_id for scenario in scenarios} - {None}:
            cuts["film", film_id] = read(connection, "publish", as_of, film_id=film_id)
        for scenario in progress.of(scenarios, "scenarios"):
            answer, cuts["scenario", scenario.scenario_id] = _suppose(connection, as_of, scenario)
            answers.append({"scenario_id": scenario.scenario_id} | answer)
    return answers, {key: cut for key, cut in cuts.items() if _rows(cut)}


def _suppose(connection: Connection, as_of: date, scenario: Any) -> tuple[Answer, Cut]:
    """The film's row were the scenario true, or why there is none."""
    known = {"scenario_id": scenario.scenario_id, "as_of": as_of, "horizon_days": HORIZON_DAYS}
    film_id = scenario.film_id or -scenario.scenario_id
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("discard temp")  # what the statements made before, which they make again
            run(connection, "scenarios/names", known)
            judged = query(connection, "scenarios/judge", known)[0]
            if judged.error:
                return {"error": judged.error}, NOTHING
            run(connection, "scenarios/suppose", known)
            run(connection, "features/attributes", known)
            cut = read(connection, "publish", as_of, film_id=film_id)
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        return {"error": str(error)}, NOTHING
    if not _rows(cut):
        return {"error": f"what film {film_id} made is known as of {as_of}; there is nothing to forecast"}, NOTHING
    return {"newcomers": judged.newcomers}, cut


def _forecast(connection: Connection, model_version: str, cuts: dict[Key, Cut]) -> dict[Key, Answer]:
    """What the model says of each row, and of which release."""
    # not above: a look that finds nothing to do need not load all that models need
    from pel.training.model import FittedEnsemble

    header = next(iter(cuts.values())).csv.partition(b"\n")[0]
    films = Cut(header + b"\n" + b"".join(map(_rows, cuts.values()))).films()
    drawn = _draw(films)
    with TemporaryDirectory(prefix="pel-") as local:
        said = FittedEnsemble(registered(connection, model_version), Path(local)).forecast(drawn)
    forecasts = (
        said.groupby(drawn.index)
        .mean()
        .assign(
            model_version=model_version,
            release_date=films["release_date"].dt.strftime("%Y-%m-%d").to_numpy(),
            release_precision=films["release_precision"].to_numpy(),
        )
        .astype(object)
    )
    rows: list[Answer] = forecasts.where(forecasts.notna(), None).to_dict("records")  # type: ignore[assignment]
    return dict(zip(cuts, rows, strict=True))


def _draw(films: pd.DataFrame) -> pd.DataFrame:
    """The films, and those that do not exist yet so many times, by numbers of which each borrows from another film.

    A film borrows what it lacks by its number, and theirs says nothing: by the scenario's, one question had as many
    answers as times that it was asked. The mean of ranges is as wide as those of films that borrow once; whether it
    holds as many films was not measured, for of such films nobody knows what they made.
    """
    is_new = films["film_id"] < 0
    drawn = films.loc[films.index.repeat(is_new.map({True: DRAWS, False: 1}))]
    numbers = -1 - drawn.groupby(level=0).cumcount()
    return drawn.assign(film_id=drawn["film_id"].where(drawn["film_id"] > 0, numbers))


def _rows(cut: Cut) -> bytes:
    return cut.csv.partition(b"\n")[2]
