"""The end of the ensemble: weights of the models of the last layer, and ranges around their weighted mean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pel.ensemble.arrays import Vector
from pel.ensemble.configuration import Configuration
from pel.ensemble.folds import Fold
from pel.ensemble.intervals import Intervals
from pel.ensemble.selection import select_ensemble
from pel.ensemble.stacking import has_predictions

# With fewer films, weights and ranges would be chance.
LEAST_ROWS = 20


@dataclass(frozen=True)
class Weighing:
    """Weights (models,) of the last layer, and the ranges around the weighted mean."""

    weights: Vector
    intervals: Intervals


def weigh(configuration: Configuration, folds: Sequence[Fold], M: Vector, y: Vector) -> Weighing:
    """Choose weights on every fold but the last, and calibrate the ranges on the last, which nothing else uses.

    Args:
        configuration: How the ensemble is built.
        folds: Forward folds, in order of cutoff; two or more with out-of-fold predictions.
        M: Out-of-fold predictions of the last layer, shape (n, models), NaN where there is none.
        y: Box office in log10 dollars, shape (n,).

    Raises:
        ValueError: There are too few out-of-fold predictions in the last fold or before it.
    """
    predicted = has_predictions(M)
    calibration = np.zeros(len(y), dtype=bool)
    calibration[folds[-1].test] = True
    M, y, calibration = M[predicted], y[predicted], calibration[predicted]
    if min(calibration.sum(), (~calibration).sum()) < LEAST_ROWS:
        raise ValueError(
            f"Weights and ranges need {LEAST_ROWS} films in the last fold and as many in those before, not "
            f"{calibration.sum()} and {(~calibration).sum()}. Give a longer history, or other cutoffs."
        )
    weights = select_ensemble(M[~calibration], y[~calibration], prior_picks=configuration.prior_picks)
    return Weighing(weights, Intervals.fit(M, weights, y, calibration=calibration))
