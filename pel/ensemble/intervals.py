"""Ranges around a forecast: split conformal prediction, wider where the model knows less.

Lei et al., "Distribution-free predictive inference for regression", JASA 2018, with residuals scaled by how hard a film
is. How hard follows from what comes with the forecast: its size, and how far the base models are apart, which they are
where they know little. It is fitted on films before those on which the ranges are calibrated, and both on out-of-fold
forecasts. A range has a quantile of its own on each side, for flops miss by more than hits. Both are taken about the
median residual: by how much the years of the calibration were better or worse than forecast is not carried over to the
years that come, which have moods of their own. So a range always holds its forecast.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pel.ensemble.arrays import Vector, as_vector

COVERAGES = (0.5, 0.8, 0.95)

# Below this (log10 dollars) a residual or a disagreement is luck; its logarithm must not count.
LEAST = 0.02


@dataclass(frozen=True)
class Intervals:
    """Ranges for the forecasts of one ensemble.

    Attributes:
        difficulty: Coefficients of log |residual| on a constant, the forecast, and log disagreement.
        quantiles: Lower and upper quantile of residual / difficulty about its median, per share of films that the range
            is to hold.
    """

    difficulty: Vector
    quantiles: dict[float, tuple[float, float]]

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
        scaled = (residual / np.exp(columns @ difficulty))[calibration]
        centred = scaled - np.median(scaled)
        return cls(difficulty, {coverage: _quantiles(centred, coverage) for coverage in COVERAGES})

    def predict(self, M: ArrayLike, weights: Vector, coverage: float) -> Vector:
        """Ranges of films, shape (n, 2), in log10 dollars.

        Raises:
            ValueError: It is not calibrated for that coverage.
        """
        if coverage not in self.quantiles:
            raise ValueError(f"coverage must be one of {', '.join(map(str, self.quantiles))}, not {coverage!r}.")
        columns, forecast = _columns(np.asarray(M, dtype=np.float64), weights)
        scale = np.exp(columns @ self.difficulty)
        return forecast[:, None] + scale[:, None] * np.array(self.quantiles[coverage])

    def to_json(self) -> dict[str, Any]:
        """All of it as a dict that JSON can hold without loss."""
        return {"difficulty": self.difficulty.tolist(), "quantiles": [[c, *q] for c, q in self.quantiles.items()]}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """The inverse of ``to_json``."""
        return cls(np.array(stored["difficulty"]), {c: (low, high) for c, low, high in stored["quantiles"]})


def _columns(M: Vector, weights: Vector) -> tuple[Vector, Vector]:
    """What difficulty is a function of, shape (n, 3), and the forecast, shape (n,)."""
    forecast = M @ weights
    disagreement = np.log(M.std(axis=1) + LEAST)
    return np.column_stack([np.ones(len(M)), forecast, disagreement]), forecast


def _quantiles(scaled: Vector, coverage: float) -> tuple[float, float]:
    """The k-th smallest and largest of n residuals, k = ⌊(n + 1)(1 - coverage) / 2⌋.

    A new one falls between them with at least that probability, unless n is so small that k would be 0; then k is 1.
    """
    ordered = np.sort(scaled)
    # rounded, for 1 - 0.8 is a little less than 0.2
    outside = max(int(round((len(ordered) + 1) * (1 - coverage) / 2, 9)), 1)
    return float(ordered[outside - 1]), float(ordered[-outside])
