"""Forecasts of held-out films: those that no fit, no weight and no range of the ensemble that made them had seen."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from pel.ensemble.arrays import Vector, weigh_columns
from pel.ensemble.configuration import BEST
from pel.ensemble.folds import Fold
from pel.ensemble.intervals import COVERAGES
from pel.ensemble.metrics import regression_metrics
from pel.ensemble.weighing import weigh
from pel.training.artifacts import ArtifactFolder, reading
from pel.training.gate import COVERAGE, LEAST_FILMS, Scores
from pel.training.model import ENSEMBLE, FittedEnsemble
from pel.training.registry import ModelVersion

logger = logging.getLogger(__name__)

FILE = "held_out.csv"


def hold_out(films: pd.DataFrame, folds: list[Fold], M: Vector) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Forecasts of the films of the last fold, whose films all others are before, and their figures.

    Args:
        films: The rows of the fit, with ``film_id`` and ``label``.
        folds: Its forward folds.
        M: Out-of-fold predictions, shape (films, base models), in log10 dollars.

    Returns:
        Per film ``film_id``, ``label``, ``forecast``, ``low`` and ``high`` (of the 80 % range) in log10 dollars; and
        window, number of films, scores by predictor and coverage by range.
    """
    *before, fold = folds
    M_before = M.copy()
    M_before[fold.test] = np.nan
    y, M_test = films["label"].to_numpy(), M[fold.test]
    weighing = weigh(BEST, before, M_before, y)
    ranges = {share: weighing.intervals.predict(M_test, weighing.weights, share) for share in COVERAGES}
    low, high = ranges[COVERAGE].T
    forecasts = films.iloc[fold.test][["film_id", "label"]].assign(
        forecast=weigh_columns(M_test, weighing.weights), low=low, high=high
    )
    predictions = {"ensemble": forecasts["forecast"].to_numpy()}
    predictions |= {name: M_test[:, column] for column, name in enumerate(BEST.base_models)}
    predictions["training_mean"] = np.full(len(fold.test), y[fold.train].mean())
    figures = {"start": str(fold.cutoff), "films": len(fold.test), "scores": _scores(y[fold.test], predictions)}
    figures["coverage"] = {
        f"{share:.0%}": float(np.mean((within[:, 0] <= y[fold.test]) & (y[fold.test] <= within[:, 1])))
        for share, within in ranges.items()
    }
    _report(figures)
    return forecasts, figures


def in_common(
    candidate: pd.DataFrame, films: pd.DataFrame, champion: ModelVersion
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The candidate's and the champion's forecasts of the same held-out films, neither having seen them.

    Those that both held out or, if they are too few, those that came out after the champion's last look. None if there
    are too few of these as well, or the champion is of a time when it was not kept what it forecast.

    Args:
        candidate: Its held-out forecasts, as ``hold_out`` makes them.
        films: The rows of its fit, of which the champion reads the attributes.
        champion: The champion.

    Raises:
        ArtifactError: The champion's files are broken, or of a format that cannot be read any more.
    """
    before, now = _kept(champion), _forecasts(champion, films[films["film_id"].isin(candidate["film_id"])])
    if before is None:
        return None
    both = candidate.merge(before, on="film_id", suffixes=("", "_before"))
    if len(both) >= LEAST_FILMS:
        theirs = both[["film_id", "label", "forecast_before", "low_before", "high_before"]]
        return both[list(candidate.columns)], theirs.set_axis(candidate.columns, axis=1)
    later = now[now["released"] >= pd.Timestamp(champion.as_of)]
    if len(later) < LEAST_FILMS:
        return None
    return candidate.set_index("film_id").loc[later["film_id"]].reset_index(), later[list(candidate.columns)]


def _kept(model: ModelVersion) -> pd.DataFrame | None:
    with TemporaryDirectory(prefix="pel-") as local:
        files = ArtifactFolder(model.artifact_url).get_part(ENSEMBLE, Path(local), model.artifact_sha256)
        if not (files / FILE).exists():
            return None
        with reading(model.model_version):
            return pd.read_csv(files / FILE)[["film_id", "forecast", "low", "high"]]


def _forecasts(model: ModelVersion, films: pd.DataFrame) -> pd.DataFrame:
    """What it forecasts of the films today; a model that cannot do that could not publish either."""
    with TemporaryDirectory(prefix="pel-") as local:
        said = FittedEnsemble(model, Path(local)).forecast(films)
    columns = {"forecast": "log10_dollars", "low": "low_80", "high": "high_80"}
    return films.assign(**{name: said[column].to_numpy() for name, column in columns.items()})


def _scores(y: Vector, predictions: dict[str, Vector]) -> Scores:
    return {name: regression_metrics(y, predicted) for name, predicted in predictions.items()}


def _report(held_out: dict[str, Any]) -> None:
    window = (held_out["start"], held_out["films"])
    for name, scores in held_out["scores"].items():
        logger.info("held out since %s, %s films: %-13s R2 %6.3f  MSE %.3f  MAE %.3f (log10 dollars)",
                    *window, name, scores["r2"], scores["mse"], scores["mae"])  # fmt: skip
    logger.info("held out since %s: %s of the films lie in their ranges of %s", held_out["start"],
                ", ".join(f"{share:.0%}" for share in held_out["coverage"].values()),
                ", ".join(held_out["coverage"]))  # fmt: skip
