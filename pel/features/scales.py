"""Two scales on which the columns of Z can be compared; both are fitted on training rows and kept as arrays."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar, Self

import numpy as np

# Two in a thousand films a quantile; finer ones would be those of single films.
QUANTILES = 512
# Ranks above and below are one: a normal score of 2.75 at most.
CLIP = 0.003


@dataclass(frozen=True)
class ZScores:
    """Distance from the mean in deviations (eq. 3). What is missing is the mean: 0."""

    mean: np.ndarray  # (d,)
    deviation: np.ndarray  # (d,)

    MISSING: ClassVar[float] = 0.0

    @classmethod
    def fit(cls, values: np.ndarray) -> Self:
        """On (n, d) training values, NaN where missing; each column has at least two different ones."""
        return cls(np.nanmean(values, axis=0), np.nanstd(values, axis=0))

    def transform(self, values: np.ndarray) -> np.ndarray:
        """(n, d) scores, none missing."""
        return np.nan_to_num((values - self.mean) / self.deviation, nan=self.MISSING)


@dataclass(frozen=True)
class NormalScores(ZScores):
    """What a normal variable would be at the value's rank among the training rows: no outliers, whatever the unit.

    What is missing lies below everything. Columns of two values, such as "is a drama", are z-scores.
    """

    quantiles: np.ndarray  # (d, QUANTILES) values, increasing; NaN where there are fewer, or two
    scores: np.ndarray  # (d, QUANTILES), theirs

    MISSING: ClassVar[float] = -3.0

    @classmethod
    def fit(cls, values: np.ndarray) -> Self:
        """On (n, d) training values, NaN where missing; each column has at least two different ones."""
        quantiles, scores = np.full((2, values.shape[1], QUANTILES), np.nan)
        for place, column in enumerate(values.T):
            value, films = np.unique(column[~np.isnan(column)], return_counts=True)
            if len(value) <= 2:
                continue
            # those below and half of those equal
            share = (np.cumsum(films) - films / 2) / films.sum()
            if len(value) > QUANTILES:
                kept = np.unique(np.searchsorted(share, np.linspace(share[0], share[-1], QUANTILES)))
                value, share = value[kept], share[kept]
            quantiles[place, : len(value)] = value
            scores[place, : len(value)] = [NormalDist().inv_cdf(p) for p in np.clip(share, CLIP, 1 - CLIP)]
        return cls(np.nanmean(values, axis=0), np.nanstd(values, axis=0), quantiles, scores)

    def transform(self, values: np.ndarray) -> np.ndarray:
        """(n, d) scores, none missing."""
        found = super().transform(values)
        for place, (quantiles, scores) in enumerate(zip(self.quantiles, self.scores, strict=True)):
            fitted = ~np.isnan(quantiles)
            if fitted.any():
                found[:, place] = np.interp(values[:, place], quantiles[fitted], scores[fitted])
        return np.where(np.isnan(values), self.MISSING, found)
