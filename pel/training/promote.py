"""The end of a fine-tuning run: weights, the held-out films, the model's row, and the decision whether it publishes."""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from psycopg.types.json import Jsonb

from pel.ensemble.arrays import Vector, weigh_columns
from pel.ensemble.configuration import BEST
from pel.ensemble.intervals import Intervals
from pel.ensemble.weighing import weigh
from pel.features.films import cut
from pel.training import held_out
from pel.training.artifacts import ArtifactError
from pel.training.checks import Candidate, failed_checks
from pel.training.devices import trained_on
from pel.training.drift import describe
from pel.training.finetune import folds_of, in_memory, out_of_fold
from pel.training.gate import Decision, judge, judge_alone, refuse
from pel.training.model import DESCRIPTION, ENCODER, ENSEMBLE, MODEL, RATINGS, FittedEnsemble
from pel.training.plan import PART, Plan, open_plan
from pel.training.registry import ModelVersion, champion, register
from pel.training.starting_point import StartingPoint
from pel.warehouse.connection import Connection, connect, lock_step, query, run

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finished:
    """A fine-tuned model and what it forecasts of the held-out films, in log10 dollars.

    Attributes:
        model: Its row, not kept yet.
        films: The films of its fit.
        upcoming: The films that are upcoming at its as_of.
        held_out: Forecasts by fits that had not seen these films, as ``hold_out`` makes them.
        in_memory: Forecasts of the same films by the final fits before they were written to files.
    """

    model: ModelVersion
    films: pd.DataFrame
    upcoming: pd.DataFrame
    held_out: pd.DataFrame
    in_memory: Vector


def finish_finetuning(version: str) -> Finished:
    """Weigh the base models, score the held-out window, and seal the model."""
    with open_plan(version) as (plan, films, _), TemporaryDirectory(prefix="pel-") as local:
        M, folds = out_of_fold(plan), folds_of(plan, films)
        weighing = weigh(BEST, folds, M, films["label"].to_numpy())
        weights = dict(zip(BEST.base_models, weighing.weights.tolist(), strict=True))
        forecasts, figures = held_out.hold_out(films, folds, M)
        _put_ensemble(plan, weights, weighing.intervals, forecasts, Path(local))
        seal = plan.artifacts.seal([PART, ENSEMBLE, *BEST.base_models])
        devices = trained_on(plan, BEST.base_models, MODEL)
        upcoming = cut("publish", plan.as_of).films()
        metrics = {"held_out": figures, "films": len(films), "weights": weights, "trained_on": devices}
        model = plan.model(seal, metrics | {"upcoming": describe(upcoming)})
        return Finished(model, films, upcoming, forecasts, weigh_columns(in_memory(plan), weighing.weights))


def register_finetuned(version: str, *, ask_first: bool = False) -> Decision:
    """Finish the model, keep it and decide whether it is the champion.

    With ``ask_first`` a candidate that would be promoted waits for a person (``approval.keep_answer``).
    """
    finished = finish_finetuning(version)
    candidate = _candidate(finished)
    with connect() as connection:
        lock_step(connection, "register")
        register(connection, finished.model)
        decision = _decided(connection, finished.model)
        if decision is None:
            before = champion(connection, finished.model.as_of)
            decision = _decide(candidate, finished.films, before)
            decision = decision.ask_first() if ask_first else decision
            _keep(connection, finished.model, before, decision)
    logger.info(decision.about(version))
    return decision


def _candidate(finished: Finished) -> Candidate:
    """What is checked of it, with forecasts by the model as it lies in its files."""
    seen = finished.films.set_index("film_id").loc[finished.held_out["film_id"]].reset_index()
    with TemporaryDirectory(prefix="pel-") as local:
        loaded = FittedEnsemble(finished.model, Path(local))
        return Candidate(
            held_out=finished.held_out,
            scores=finished.model.metrics["held_out"]["scores"],
            upcoming=_said(loaded, finished.upcoming),
            in_memory=finished.in_memory,
            loaded=_said(loaded, seen),
        )


def _said(model: FittedEnsemble, films: pd.DataFrame) -> Vector:
    """Its forecasts, (films,) in log10 dollars."""
    return np.empty(0) if films.empty else model.forecast(films)["log10_dollars"].to_numpy()


def _put_ensemble(
    plan: Plan, weights: dict[str, float], intervals: Intervals, forecasts: pd.DataFrame, local: Path
) -> None:
    """Keep what a prediction needs beside the base models: encoder, weights, ranges, and who predicts ratings.

    And the held-out forecasts.
    """
    files = local / ENSEMBLE
    files.mkdir()
    start = StartingPoint(plan, local / "pretrained")
    copyfile(start.encoder(plan.as_of), files / ENCODER)
    for name, pretrained in start.ratings().items():
        pretrained.save(files / RATINGS / name)
    description = {"weights": weights, "intervals": intervals.to_json()}
    (files / DESCRIPTION).write_text(json.dumps(description, indent=1))
    forecasts.to_csv(files / held_out.FILE, index=False)
    plan.put(ENSEMBLE, files)


def _decide(candidate: Candidate, films: pd.DataFrame, before: ModelVersion | None) -> Decision:
    """Judge a candidate on what it has in common with the champion, or by itself if that is nothing."""
    if failed := failed_checks(candidate):
        return refuse(failed, candidate.scores)
    if before is None:
        return judge_alone(candidate.scores)
    try:
        common = held_out.in_common(candidate.held_out, films, before)
    except ArtifactError as error:
        return judge_alone(candidate.scores, f"there is no champion that it could be compared with: {error}")
    if common is None:
        return judge_alone(candidate.scores, f"it has too few films in common with {before.model_version}")
    return judge(*common)


def _decided(connection: Connection, candidate: ModelVersion) -> Decision | None:
    """The decision, if this was registered before: a task that died after it is started again."""
    rows = query(connection, "models/decision", {"as_of": candidate.as_of, "model_version": candidate.model_version})
    return Decision(**rows[0]._asdict()) if rows else None


def _keep(connection: Connection, candidate: ModelVersion, before: ModelVersion | None, decision: Decision) -> None:
    row = asdict(decision) | {
        "as_of": candidate.as_of,
        "model_version": candidate.model_version,
        "champion_version": before.model_version if before else None,
        "figures": Jsonb(decision.figures),
    }
    run(connection, "models/decide", row)
