"""The last layer, the held-out figures, and the decision which model publishes."""

import json
import logging
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import numpy as np

from pel.ensemble.arrays import Vector
from pel.ensemble.configuration import BEST
from pel.ensemble.folds import Fold
from pel.ensemble.intervals import COVERAGES, Intervals
from pel.ensemble.metrics import regression_metrics
from pel.ensemble.weighing import weigh
from pel.training.finetune import folds_of, out_of_fold
from pel.training.model import DESCRIPTION, ENCODER, ENSEMBLE
from pel.training.plan import PART, Plan, open_plan
from pel.training.registry import ModelVersion, champion, register
from pel.training.starting_point import StartingPoint
from pel.warehouse.connection import Connection, connect, lock_step, run

logger = logging.getLogger(__name__)


def register_finetuned(version: str) -> None:
    """Weigh the base models, score the held-out window, keep the model and decide whether it is the champion."""
    with open_plan(version) as (plan, films, _), TemporaryDirectory(prefix="pel-") as local:
        M, y, folds = out_of_fold(plan), films["label"].to_numpy(), folds_of(plan, films)
        weighing = weigh(BEST, folds, M, y)
        weights = dict(zip(BEST.base_models, weighing.weights.tolist(), strict=True))
        metrics = {"held_out": _held_out(folds, M, y), "films": len(films), "weights": weights}
        _put_ensemble(plan, weights, weighing.intervals, Path(local))
        seal = plan.artifacts.seal([PART, ENSEMBLE, *BEST.base_models])
    with connect() as connection:
        lock_step(connection, "register")
        register(connection, model := plan.model(seal, metrics))
        _decide(connection, model)


def _held_out(folds: list[Fold], M: Vector, y: Vector) -> dict[str, object]:
    """Scores on the last fold, whose films no fit, no weight and no range has seen: they are those of before."""
    *before, fold = folds
    M_before = M.copy()
    M_before[fold.test] = np.nan
    weighing = weigh(BEST, before, M_before, y)
    predictions = {"ensemble": M[fold.test] @ weighing.weights}
    predictions |= {name: M[fold.test, column] for column, name in enumerate(BEST.base_models)}
    predictions["training_mean"] = np.full(len(fold.test), y[fold.train].mean())
    scores = {name: regression_metrics(y[fold.test], predicted) for name, predicted in predictions.items()}
    for name, figures in scores.items():
        logger.info("held out since %s, %s films: %-13s R2 %6.3f  MSE %.3f  MAE %.3f (log10 dollars)",
                    fold.cutoff, len(fold.test), name, figures["r2"], figures["mse"], figures["mae"])  # fmt: skip
    coverage = {}
    for share in COVERAGES:
        low, high = weighing.intervals.predict(M[fold.test], weighing.weights, share).T
        coverage[f"{share:.0%}"] = float(np.mean((low <= y[fold.test]) & (y[fold.test] <= high)))
    logger.info("held out since %s: %s of the films lie in their ranges of %s", fold.cutoff,
                ", ".join(f"{share:.0%}" for share in coverage.values()), ", ".join(coverage))  # fmt: skip
    return {"start": str(fold.cutoff), "films": len(fold.test), "scores": scores, "coverage": coverage}


def _put_ensemble(plan: Plan, weights: dict[str, float], intervals: Intervals, local: Path) -> None:
    """Keep what a prediction needs beside the base models: encoder, weights, ranges."""
    files = local / ENSEMBLE
    files.mkdir()
    copyfile(StartingPoint(plan, local / "pretrained").encoder(plan.as_of), files / ENCODER)
    description = {"weights": weights, "intervals": intervals.to_json()}
    (files / DESCRIPTION).write_text(json.dumps(description, indent=1))
    (plan.artifacts / ENSEMBLE).put(files)


def _decide(connection: Connection, candidate: ModelVersion) -> None:
    """Promote a candidate that is better than no model at all, and keep the decision with its reason."""
    before = champion(connection, candidate.as_of)
    scores = candidate.metrics["held_out"]["scores"]
    error, without_model = scores["ensemble"]["mse"], scores["training_mean"]["mse"]
    promoted = error < without_model
    reason = (
        f"its held-out MSE (log10 dollars) of {error:.3f} is {'below' if promoted else 'not below'} "
        f"{without_model:.3f}, that of the training mean"
    )
    decision = {
        "as_of": candidate.as_of,
        "model_version": candidate.model_version,
        "champion_version": before.model_version if before else None,
        "promoted": promoted,
        "reason": reason,
    }
    run(connection, "models/decide", decision)
    logger.info("%s is %s: %s", candidate.model_version, "champion" if promoted else "not promoted", reason)
