"""Ranges around a forecast: split conformal prediction, wider where the model knows less.

Lei et al., "Distribution-free predictive inference for regression", JASA 2018, with residuals scaled by how hard a film
is. How hard follows from what comes with the forecast: its size, and how far the base models are apart, which they are
where they know little. It is fitted on films before those on which the ranges are calibrated, and both on out-of-fold
forecasts. A range has a quantile of its own on each side, for flops miss by more than hits. Both are taken about the
median residual: by how much the years of the calibration were better or worse than forecast is not carried over to the
years that come, which have moods of their own. So a range always holds its forecast. The same residuals, laid about a
forecast, are the distribution from which the probability of passing a mark is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pel.ensemble.arrays import Vector, as_vector, weigh_columns

COVERAGES = (0.5, 0.8, 0.95)

# Below this (log10 dollars) a residual or a disagreement is luck; its logarithm must not count.
LEAST = 0.02


@dataclass(frozen=True)
class Intervals:
    """Ranges for the forecasts of one ensemble.

    Attributes:
        difficulty: Coefficients of log |residual| on a constant, the forecast, and log disagreement.
        residuals: Residual / difficulty of the films of the calibration about its median, in ascending order.
    """

    difficulty: Vector
    residuals: Vector

    @classmethod
    def fit(cls, M: ArrayLike, weights: Vector, y: ArrayLike, *, calibration: NDArray[np.bool_]) -> Self:
        """Fit the difficulty on the earlier rows and calibrate on the later ones.

        Args:
            M: Out-of-fold predictions of the base models, shape (n, m), in log10 dollars.
            weights: Of the base models, shape (m,), chosen without the calibration rows.
            y: What came true, shape (n,), in log10 dollars.
            calibration: Which rows calibrate, shape (n,); nothing else may have used them.
        """
        columns, forecast = _columns(np.asarray(M, dtype=np.float64), weights)
        residual = as_vector(y, "y", rows=len(forecast)) - forecast
        earlier = ~calibration
        size = np.log(np.abs(residual[earlier]) + LEAST)
        difficulty = np.linalg.lstsq(columns[earlier], size, rcond=None)[0].astype(np.float64)
        scaled = (residual / np.exp(weigh_columns(columns, difficulty)))[calibration]
        return cls(difficulty, np.sort(scaled - np.median(scaled)))

    def predict(self, M: ArrayLike, weights: Vector, coverage: float) -> Vector:
        """Ranges of films, shape (n, 2), in log10 dollars.

        Args:
            M: Predictions of the base models, shape (n, m), in log10 dollars.
            weights: Of the base models, shape (m,).
            coverage: The share of films that the ranges are to hold.

        Raises:
            ValueError: The coverage is not between 0 and 1.
        """
        forecast, scale = self._forecast(M, weights)
        return forecast[:, None] + scale[:, None] * self._quantiles(coverage)

    def predict_exceedance(self, M: ArrayLike, weights: Vector, marks: ArrayLike) -> Vector:
        """Probability that a film makes more than a mark, shape (n,), never 0 or 1: no number of films proves that.

        Args:
            M: Predictions of the base models, shape (n, m), in log10 dollars.
            weights: Of the base models, shape (m,).
            marks: One for all or one per film, shape (n,), in log10 dollars; NaN gives NaN.
        """
        forecast, scale = self._forecast(M, weights)
        needed = (np.asarray(marks, dtype=np.float64) - forecast) / scale
        above = len(self.residuals) - np.searchsorted(self.residuals, needed, side="right")
        return np.where(np.isnan(needed), np.nan, (above + 0.5) / (len(self.residuals) + 1))

    def to_json(self) -> dict[str, list[float]]:
        """All of it as a dict that JSON can hold without loss."""
        return {"difficulty": self.difficulty.tolist(), "residuals": self.residuals.tolist()}

    @classmethod
    def from_json(cls, stored: Mapping[str, list[float]]) -> Self:
        """The inverse of ``to_json``."""
        return cls(np.array(stored["difficulty"]), np.array(stored["residuals"]))

    def _forecast(self, M: ArrayLike, weights: Vector) -> tuple[Vector, Vector]:
        """The forecasts, shape (n,), and how far films such as these are missed by, shape (n,)."""
        columns, forecast = _columns(np.asarray(M, dtype=np.float64), weights)
        return forecast, np.exp(weigh_columns(columns, self.difficulty))

    def _quantiles(self, coverage: float) -> Vector:
        """The k-th smallest and largest of n residuals, k = ⌊(n + 1)(1 - coverage) / 2⌋.

        A new one falls between them with at least that probability, unless k would be 0 and is taken as 1.
        """
        if not 0 < coverage < 1:
            raise ValueError(f"coverage must be between 0 and 1, such as 0.8, not {coverage!r}.")
        # rounded, for 1 - 0.8 is a little less than 0.2
        outside = max(int(round((len(self.residuals) + 1) * (1 - coverage) / 2, 9)), 1)
        return self.residuals[[outside - 1, -outside]]


def _columns(M: Vector, weights: Vector) -> tuple[Vector, Vector]:
    """What difficulty is a function of, shape (n, 3), and the forecast, shape (n,)."""
    forecast = weigh_columns(M, weights)
    disagreement = np.log(M.std(axis=1) + LEAST)
    return np.column_stack([np.ones(len(M)), forecast, disagreement]), forecast
