"""Fine-tuning on box office: Model_final = fine_tuning(Model_pretrain, B), eq. 1, in two layers (eq. 4).

One forward chain serves evaluation and production alike. At each cut-off a model is fitted on what was known by then
and predicts the films up to the next; the last of these windows, two years long, is held out: its predictions are
scored before anything has learned from them. Only then do the final fits take it in, and these are what publishes.
"""

import logging
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from pel.ensemble.arrays import Matrix, Vector
from pel.ensemble.base import BaseModel
from pel.ensemble.folds import Fold, forward_folds
from pel.ensemble.layers import (
    FoldData,
    LayerFit,
    Report,
    TrainingData,
    fit_layer,
    second_layer_final,
    second_layer_fold,
)
from pel.ensemble.registry import BASE_MODELS, load
from pel.ensemble.stacking import has_predictions
from pel.features.encoder import FilmEncoder
from pel.features.films import cut, days
from pel.training.artifacts import artifacts_of
from pel.training.model import part
from pel.training.plan import PART, THREADS, Plan, dates, name_version, open_plan
from pel.training.pretrain import encoder_file, held_out_start
from pel.training.registry import ModelVersion, code_version, newest
from pel.training.thresholds import MIN_FOLD_DAYS
from pel.warehouse.connection import connect

logger = logging.getLogger(__name__)

PARAMETERS = {"seed": 0}
OUT_OF_FOLD = "out_of_fold.npy"

Day = np.datetime64 | date


def plan_finetuning(as_of: date, *, force: bool = False) -> str | None:
    """Decide whether to fine-tune as of that date, and say why; returns the version to make, or None.

    It does so when a box office has settled or been corrected since the last time, and when the pre-trained model or
    the code is another. ``force`` does it anyway.
    """
    with connect() as connection:
        pretrained, last = newest(connection, "pretrained", as_of), newest(connection, "finetuned", as_of)
    if pretrained is None:
        logger.info("as of %s: not fine-tuning, for nothing is pre-trained; pretrain_ratings says why", as_of)
        return None
    films = cut("finetune", as_of)
    inputs = {
        "data": films.sha256, "code": code_version(), "parameters": PARAMETERS,
        "pretrained": pretrained.model_version,
    }  # fmt: skip
    if last is not None and not force and _inputs(last) == inputs:
        logger.info("as of %s: not fine-tuning, for nothing has changed since %s: the same %s films, the same "
                    "pre-trained model, the same code", as_of, last.model_version, len(films.films()))  # fmt: skip
        return None
    cutoffs = _cutoffs(pretrained, as_of)
    version = name_version(
        "finetuned", as_of, inputs | {"cutoffs": cutoffs}, datetime.now(UTC).isoformat() if force else None
    )
    logger.info("as of %s: fine-tuning %s from %s on %s films%s", as_of, version, pretrained.model_version,
                f"{len(films.films()):,}", ", for it was forced" if force else "")  # fmt: skip
    plan = Plan(
        version=version, kind="finetuned", as_of=as_of, cutoffs=cutoffs, data_sha256=films.sha256,
        code_version=code_version(), parameters=PARAMETERS,
        pretrained_version=pretrained.model_version, pretrained_sha256=pretrained.artifact_sha256,
    )  # fmt: skip
    if not (plan.artifacts / PART).is_complete():
        with TemporaryDirectory(prefix="pel-") as local:
            plan.save(films, Path(local))
    return version


def fit_first_layer(version: str, name: str) -> None:
    """Fit one base model of layer 1, per fold and finally, from its pre-trained states. Nothing if it is done."""
    with open_plan(version) as (plan, films, _), TemporaryDirectory(prefix="pel-") as local:
        if _is_done(plan, 1, name):
            return
        pretrained = Pretrained(plan, Path(local))
        folds = _folds(plan, films)
        fit = fit_layer(
            name,
            [pretrained.fold(name, films, fold) for fold in folds],
            pretrained.final(name, films),
            seed=plan.parameters["seed"], threads=THREADS, device="auto", report=_reporter(name, 1),
        )  # fmt: skip
        _put(plan, 1, name, fit, folds, len(films))


def fit_second_layer(version: str, name: str) -> None:
    """Fit one base model of layer 2 on the first layer's out-of-fold predictions beside its input, eq. 4."""
    with open_plan(version) as (plan, films, _), TemporaryDirectory(prefix="pel-") as local:
        if _is_done(plan, 2, name):
            return
        pretrained = Pretrained(plan, Path(local))
        M, y = out_of_fold(plan, 1), films["label"].to_numpy()
        usable = has_predictions(M)
        folds, data = _folds(plan, films)[1:], []
        for fold in folds:
            Z, train = pretrained.encode(films, fold.cutoff), fold.train[usable[fold.train]]
            data.append(second_layer_fold(M[train], Z[train], y[train], M_test=M[fold.test], Z_test=Z[fold.test]))
        Z = pretrained.encode(films, plan.as_of)
        final, _ = second_layer_final(M[usable], Z[usable], y[usable])
        fit = fit_layer(
            name, data, final,
            seed=plan.parameters["seed"], threads=THREADS, device="auto", report=_reporter(name, 2),
        )  # fmt: skip
        _put(plan, 2, name, fit, folds, len(films))


class Pretrained:
    """The pre-trained model that a plan starts from: for any date, the newest state that is not younger."""

    def __init__(self, plan: Plan, local: Path) -> None:
        if plan.pretrained_version is None or plan.pretrained_sha256 is None:
            raise ValueError(f"{plan.version} names no pre-trained model to start from.")
        self._artifacts = artifacts_of(plan.pretrained_version)
        self._seal = plan.pretrained_sha256
        self._local = local
        self._as_of = plan.as_of
        self.plan_folder = self._artifacts.get_part(PART, local / PART, self._seal)
        self._moments = sorted(file.stem for file in (self.plan_folder / "encoders").iterdir())

    def moment(self, day: Day) -> str:
        """The date of the newest state that saw nothing after ``day``."""
        return max(moment for moment in self._moments if moment <= str(day))

    def encode(self, films: pd.DataFrame, day: Day) -> Matrix:
        """Z of the films, (n, d), by the encoder of that day."""
        return FilmEncoder.load(encoder_file(self.plan_folder, self.moment(day))).transform(films)

    def state(self, name: str, day: Day) -> BaseModel:
        """The pre-trained base model of that day."""
        if not (self._local / name).exists():
            self._artifacts.get_part(name, self._local / name, self._seal)
        return load(self._local / name / self.moment(day), threads=THREADS, device="auto")

    def fold(self, name: str, films: pd.DataFrame, fold: Fold) -> FoldData:
        """One fold of layer 1."""
        Z, y = self.encode(films, fold.cutoff), films["label"].to_numpy()
        return FoldData(
            Z_train=Z[fold.train], y_train=y[fold.train], Z_test=Z[fold.test], pretrained=self.state(name, fold.cutoff)
        )

    def final(self, name: str, films: pd.DataFrame) -> TrainingData:
        """The final fit of layer 1: every film whose box office is known."""
        return TrainingData(
            Z_train=self.encode(films, self._as_of),
            y_train=films["label"].to_numpy(),
            pretrained=self.state(name, self._as_of),
        )


def out_of_fold(plan: Plan, layer: int) -> Matrix:
    """The predictions of all base models of a layer, (films, models) in log10 dollars, NaN where there are none."""
    columns = []
    for name in BASE_MODELS:
        with TemporaryDirectory(prefix="pel-") as local:
            folder = (plan.artifacts / part(layer, name)).get(Path(local))
            columns.append(np.load(folder / OUT_OF_FOLD, allow_pickle=False))
    return np.column_stack(columns)


def _folds(plan: Plan, films: pd.DataFrame) -> list[Fold]:
    return forward_folds(days(films["released"]), days(films["known_on"]), dates(plan.cutoffs))


def _cutoffs(pretrained: ModelVersion, as_of: date) -> list[str]:
    """The cut-offs of the pre-trained states, up to the held-out window, which begins where it does as of now."""
    start = held_out_start(as_of)
    before = [c for c in pretrained.metrics["cutoffs"] if (start - date.fromisoformat(c)).days >= MIN_FOLD_DAYS]
    return [*before, start.isoformat()]


def _inputs(model: ModelVersion) -> dict[str, object]:
    return {
        "data": model.data_sha256, "code": model.code_version, "parameters": model.parameters,
        "pretrained": model.pretrained_version,
    }  # fmt: skip


def _is_done(plan: Plan, layer: int, name: str) -> bool:
    done = (plan.artifacts / part(layer, name)).is_complete()
    if done:
        logger.info("%s of layer %s is fitted already", name, layer)
    return done


def _put(plan: Plan, layer: int, name: str, fit: LayerFit, folds: list[Fold], films: int) -> None:
    predictions: Vector = np.full(films, np.nan)
    for fold, predicted in zip(folds, fit.out_of_fold, strict=True):
        predictions[fold.test] = predicted
    with TemporaryDirectory(prefix="pel-") as local:
        np.save(Path(local) / OUT_OF_FOLD, predictions, allow_pickle=False)
        fit.model.save(Path(local) / "model")
        (plan.artifacts / part(layer, name)).put(Path(local))


def _reporter(name: str, layer: int) -> Report:
    def report(done: int, of: int) -> None:
        logger.info("%s, layer %s: fit %s of %s", name, layer, done, of)

    return report
