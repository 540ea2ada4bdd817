"""The end of a fine-tuning run: weights, the held-out films, the model's row, and the decision whether it publishes."""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import pandas as pd
from psycopg.types.json import Jsonb

from pel.ensemble.configuration import BEST
from pel.ensemble.intervals import Intervals
from pel.ensemble.weighing import weigh
from pel.training import held_out
from pel.training.devices import trained_on
from pel.training.finetune import folds_of, out_of_fold
from pel.training.gate import Decision, judge, judge_alone
from pel.training.model import DESCRIPTION, ENCODER, ENSEMBLE, MODEL
from pel.training.plan import PART, Plan, open_plan
from pel.training.registry import ModelVersion, champion, register
from pel.training.starting_point import StartingPoint
from pel.warehouse.connection import Connection, connect, lock_step, run

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finished:
    """A fine-tuned model, the films of its fit, and its forecasts of the held-out ones."""

    model: ModelVersion
    films: pd.DataFrame
    held_out: pd.DataFrame


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
        metrics = {"held_out": figures, "films": len(films), "weights": weights, "trained_on": devices}
        return Finished(plan.model(seal, metrics), films, forecasts)


def register_finetuned(version: str) -> None:
    """Keep the finished model and decide whether it is the champion."""
    finished = finish_finetuning(version)
    with connect() as connection:
        lock_step(connection, "register")
        register(connection, finished.model)
        before = champion(connection, finished.model.as_of)
        _keep(connection, finished.model, before, _decide(finished, before))


def _put_ensemble(
    plan: Plan, weights: dict[str, float], intervals: Intervals, forecasts: pd.DataFrame, local: Path
) -> None:
    """Keep what a prediction needs beside the base models, encoder, weights and ranges, and the held-out forecasts."""
    files = local / ENSEMBLE
    files.mkdir()
    copyfile(StartingPoint(plan, local / "pretrained").encoder(plan.as_of), files / ENCODER)
    description = {"weights": weights, "intervals": intervals.to_json()}
    (files / DESCRIPTION).write_text(json.dumps(description, indent=1))
    forecasts.to_csv(files / held_out.FILE, index=False)
    (plan.artifacts / ENSEMBLE).put(files)


def _decide(candidate: Finished, before: ModelVersion | None) -> Decision:
    """Judge a candidate on what it has in common with the champion, or by itself if that is nothing."""
    common = held_out.in_common(candidate.held_out, candidate.films, before) if before else None
    return judge(*common) if common else judge_alone(candidate.model.metrics["held_out"]["scores"])


def _keep(connection: Connection, candidate: ModelVersion, before: ModelVersion | None, decision: Decision) -> None:
    row = {
        "as_of": candidate.as_of,
        "model_version": candidate.model_version,
        "champion_version": before.model_version if before else None,
        "promoted": decision.promoted,
        "reason": decision.reason,
        "figures": Jsonb(decision.figures),
    }
    run(connection, "models/decide", row)
    now = "champion" if decision.promoted else "not promoted"
    logger.info("%s is %s: %s", candidate.model_version, now, decision.reason)
