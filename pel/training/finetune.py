"""Fine-tuning on box office: Model_final = fine_tuning(Model_pretrain, B), eq. 1, by the configuration ``BEST``.

One forward chain serves evaluation and production alike. At each cut-off a model is fitted on what was known by then
and predicts the films up to the next; the last of these windows, two years long, is held out: its predictions are
scored before anything has learned from them. Only then do the final fits take it in, and these are what publishes.
"""

import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from pel.ensemble.arrays import Vector
from pel.ensemble.configuration import BEST
from pel.ensemble.folds import Days, Fold, forward_folds
from pel.ensemble.layers import FoldData, LayerFit, TrainingData, fit_layer
from pel.ensemble.stacking import out_of_fold_matrix
from pel.ensemble.weighing import LEAST_ROWS
from pel.features.films import Cut, cut, days
from pel.training.drift import heed
from pel.training.looks import FORCED, Look
from pel.training.model import MODEL
from pel.training.plan import PART, THREADS, Plan, open_plan, version_name
from pel.training.pretrain import held_out_start
from pel.training.registry import ModelVersion, code_version, newest
from pel.training.starting_point import StartingPoint
from pel.training.thresholds import MIN_FOLD_DAYS
from pel.warehouse.connection import connect

logger = logging.getLogger(__name__)

PARAMETERS: dict[str, Any] = {"seed": 0}
OUT_OF_FOLD, IN_MEMORY = "out_of_fold.npy", "in_memory.npy"


def plan_finetuning(as_of: date, *, force: bool = False) -> str | None:
    """Decide whether to fine-tune as of that date, and keep why; returns the version to make, or None.

    It does so when a box office has settled or been corrected since the last time, when the pre-trained model or the
    code is another, and on drift. ``force`` does it anyway.
    """
    with connect() as connection:
        pretrained, last = newest(connection, "pretrained", as_of), newest(connection, "finetuned", as_of)
    if pretrained is None:
        Look(False, "nothing is pre-trained; pel.training_looks says why").keep("finetuned", as_of)
        return None
    films = cut("finetune", as_of)
    inputs = _inputs(films.sha256, code_version(), PARAMETERS, pretrained.model_version)
    if not heed(FORCED if force else _look(last, inputs), last, as_of).keep("finetuned", as_of):
        return None
    return finetuning_plan(as_of, films, pretrained, force=force).version


def finetuning_plan(
    as_of: date, films: Cut, pretrained: ModelVersion, *, folder: str = "", force: bool = False
) -> Plan:
    """Plan and keep, below the folder, how to fine-tune the pre-trained model on these films."""
    inputs = _inputs(films.sha256, code_version(), PARAMETERS, pretrained.model_version)
    cutoffs = _cutoffs(pretrained, as_of, days(films.films()["released"]))
    plan = Plan(
        version=folder + version_name("finetuned", as_of, inputs | {"cutoffs": cutoffs}, force=force),
        kind="finetuned",
        as_of=as_of,
        cutoffs=cutoffs,
        data_sha256=films.sha256,
        code_version=code_version(),
        parameters=PARAMETERS,
        pretrained_version=pretrained.model_version,
        pretrained_sha256=pretrained.artifact_sha256,
    )
    logger.info("as of %s: it will be %s, from %s", as_of, plan.version, pretrained.model_version)
    if not (plan.artifacts / PART).is_complete():
        with TemporaryDirectory(prefix="pel-") as local:
            plan.save(films, Path(local))
    return plan


def fit_base_model(version: str, name: str) -> None:
    """Fit one base model, per fold and finally, from its pre-trained states if it has any. Nothing if it is done."""
    with open_plan(version) as (plan, films, _), TemporaryDirectory(prefix="pel-") as local:
        if (plan.artifacts / name).is_complete():
            logger.info("%s is fitted already", name)
            return
        start = StartingPoint(plan, Path(local))
        folds = folds_of(plan, films)
        data = [start.fold(name, films, fold) for fold in folds]
        fit = _fit(plan, name, data, start.final(name, films))
        kept = {OUT_OF_FOLD: out_of_fold_matrix(folds, [fit.out_of_fold], rows=len(films))[:, 0]}
        kept[IN_MEMORY] = fit.model.predict(start.inputs(films.iloc[folds[-1].test]))
        _put(plan, name, fit, kept)


def folds_of(plan: Plan, films: pd.DataFrame) -> list[Fold]:
    """The forward folds of a plan; the last one's test rows are held out."""
    return forward_folds(days(films["released"]), days(films["known_on"]), np.array(plan.cutoffs, "datetime64[D]"))


def out_of_fold(plan: Plan) -> Vector:
    """The predictions of all base models, (films, models) in log10 dollars, NaN where there are none."""
    return _kept(plan, OUT_OF_FOLD)


def in_memory(plan: Plan) -> Vector:
    """What the final fits forecast of the held-out films before they were written, (films, models) in log10 dollars."""
    return _kept(plan, IN_MEMORY)


def _kept(plan: Plan, file: str) -> Vector:
    columns = []
    for name in BEST.base_models:
        with TemporaryDirectory(prefix="pel-") as local:
            folder = (plan.artifacts / name).get(Path(local))
            columns.append(np.load(folder / file, allow_pickle=False))
    return np.column_stack(columns)


def _cutoffs(pretrained: ModelVersion, as_of: date, released: Days) -> list[str]:
    """The cut-offs of the pre-trained states, up to the held-out window, which begins where it does as of now.

    The newest are left out as long as too little lies between them and the window: ranges are calibrated on that.
    """
    start = held_out_start(as_of)
    return [*(c for c in pretrained.metrics["cutoffs"] if _is_before(start, c, released)), start.isoformat()]


def _is_before(start: date, cutoff: str, released: Days) -> bool:
    """Whether days and films enough lie between the two."""
    day = date.fromisoformat(cutoff)
    films = int(np.count_nonzero((released >= np.datetime64(day)) & (released < np.datetime64(start))))
    return (start - day).days >= MIN_FOLD_DAYS and films >= LEAST_ROWS


def _inputs(data: str, code: str, parameters: dict[str, Any], pretrained: str | None) -> dict[str, Any]:
    return {"films": data, "code": code, "parameters": parameters, "pre-trained model": pretrained}


def _inputs_of(model: ModelVersion) -> dict[str, Any]:
    return _inputs(model.data_sha256, model.code_version, model.parameters, model.pretrained_version)


def _look(last: ModelVersion | None, inputs: dict[str, Any]) -> Look:
    """Whether there is reason to fine-tune."""
    if last is None:
        return Look(True, "nothing was fine-tuned before")
    before, found = _inputs_of(last), {"last": last.model_version}
    other = [name for name in inputs if inputs[name] != before[name]]
    if other:
        return Look(True, f"other than with {last.model_version}: {', '.join(other)}", found | {"other": other})
    return Look(False, f"films, pre-trained model and code are those of {last.model_version}", found)


def _fit(plan: Plan, name: str, folds: Sequence[FoldData], final: TrainingData) -> LayerFit:
    def report(done: int, of: int) -> None:
        logger.info("%s: fit %s of %s", name, done, of)

    how = {"seed": plan.parameters["seed"], "threads": THREADS, "device": "auto", "report": report}
    return fit_layer(name, folds, final, **how, options=BEST.base_models[name])


def _put(plan: Plan, name: str, fit: LayerFit, kept: dict[str, Vector]) -> None:
    with TemporaryDirectory(prefix="pel-") as local:
        for file, predictions in kept.items():
            np.save(Path(local) / file, predictions, allow_pickle=False)
        fit.model.save(Path(local) / MODEL)
        plan.put(name, Path(local))
