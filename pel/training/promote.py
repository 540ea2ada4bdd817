"""The last layer, the held-out figures, and the decision which model publishes."""

import json
import logging
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from pel.ensemble.arrays import Vector, ZScore
from pel.ensemble.metrics import regression_metrics
from pel.ensemble.registry import BASE_MODELS
from pel.ensemble.selection import select_ensemble
from pel.ensemble.stacking import has_predictions
from pel.training.finetune import folds_of, out_of_fold
from pel.training.model import DESCRIPTION, ENCODER, ENSEMBLE, part
from pel.training.plan import PART, Plan, open_plan
from pel.training.registry import ModelVersion, champion, register
from pel.training.starting_point import StartingPoint
from pel.warehouse.connection import Connection, connect, lock_step, run

logger = logging.getLogger(__name__)


def register_finetuned(version: str) -> None:
    """Weigh the second layer, score the held-out window, keep the model and decide whether it is the champion."""
    with open_plan(version) as (plan, films, _), TemporaryDirectory(prefix="pel-") as local:
        M, M2 = out_of_fold(plan, 1), out_of_fold(plan, 2)
        metrics = {"held_out": _held_out(plan, films, M, M2), "films": len(films)}
        usable = has_predictions(M2)
        weights = select_ensemble(M2[usable], films["label"].to_numpy()[usable])
        metrics["weights"] = dict(zip(BASE_MODELS, weights.tolist(), strict=True))
        _put_ensemble(plan, films, M, weights, Path(local))
        parts = [part(layer, name) for layer in (1, 2) for name in BASE_MODELS]
        seal = plan.artifacts.seal([PART, ENSEMBLE, *parts])
    with connect() as connection:
        lock_step(connection, "register")
        register(connection, model := plan.model(seal, metrics))
        _decide(connection, model)


def _held_out(plan: Plan, films: pd.DataFrame, M: Vector, M2: Vector) -> dict[str, object]:
    """Scores on the last fold, whose films no fit and no weight has seen."""
    fold = folds_of(plan, films)[-1]
    y = films["label"].to_numpy()
    weighed = fold.train[has_predictions(M2[fold.train])]
    weights = select_ensemble(M2[weighed], y[weighed])
    predictions = {"ensemble": M2[fold.test] @ weights}
    predictions |= {name: M[fold.test, column] for column, name in enumerate(BASE_MODELS)}
    predictions["training_mean"] = np.full(len(fold.test), y[fold.train].mean())
    scores = {name: regression_metrics(y[fold.test], predicted) for name, predicted in predictions.items()}
    for name, figures in scores.items():
        logger.info("held out since %s, %s films: %-13s R2 %6.3f  MSE %.3f  MAE %.3f (log10 dollars)",
                    fold.cutoff, len(fold.test), name, figures["r2"], figures["mse"], figures["mae"])  # fmt: skip
    return {"start": str(fold.cutoff), "films": len(fold.test), "scores": scores}


def _put_ensemble(plan: Plan, films: pd.DataFrame, M: Vector, weights: Vector, local: Path) -> None:
    """Keep what a prediction needs beside the base models: encoder, z-scores of layer 2's input, weights."""
    files = local / ENSEMBLE
    files.mkdir()
    copyfile(StartingPoint(plan, local / "pretrained").encoder(plan.as_of), files / ENCODER)
    scaler = ZScore.fit(M[has_predictions(M)])
    description = {"weights": dict(zip(BASE_MODELS, weights.tolist(), strict=True)), "scaler": scaler.to_json()}
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
