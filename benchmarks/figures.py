"""Figures over windows, and the bootstrap of their differences."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pel.ensemble.metrics import regression_metrics

DRAWS = 2000

Predictions = Mapping[str, np.ndarray]


def accuracy(y: np.ndarray, prediction: np.ndarray) -> dict[str, float]:
    """The figures of one window, y and prediction (n,) in log10 dollars."""
    errors, log10 = np.abs(y - prediction), regression_metrics(y, prediction)
    return {
        "films": len(y),
        "r2_log10": log10["r2"],
        "mae_log10": log10["mae"],
        "median_ae_log10": float(np.median(errors)),
        "r2_dollars": regression_metrics(10**y, 10**prediction)["r2"],
    }


def coverage(y: np.ndarray, ranges: np.ndarray) -> float:
    """Share of y (n,) that lies within ranges (n, 2)."""
    return float(np.mean((ranges[:, 0] <= y) & (y <= ranges[:, 1])))


def r2(y: np.ndarray, prediction: np.ndarray) -> float:
    """R² of one window."""
    return float(1 - np.mean((y - prediction) ** 2) / np.var(y))


def difference(labels: Predictions, one: Predictions, other: Predictions) -> dict[str, float]:
    """By how much the mean R² over the windows of ``one`` is above that of ``other``, with its 95 % range.

    A paired bootstrap: the same films are drawn for both, from each window as many as it has.
    """
    draw = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        gaps = []
        for name, y in labels.items():
            rows = draw.integers(0, len(y), len(y))
            gaps.append(r2(y[rows], one[name][rows]) - r2(y[rows], other[name][rows]))
        drawn.append(np.mean(gaps))
    low, high = np.quantile(drawn, [0.025, 0.975])
    mean = np.mean([r2(y, one[name]) - r2(y, other[name]) for name, y in labels.items()])
    return {"difference_r2_log10": float(mean), "low": float(low), "high": float(high)}


def rounded(value: Any, digits: int = 4) -> Any:
    """The same with every float rounded, for a file that people read."""
    if isinstance(value, dict):
        return {name: rounded(one, digits) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one, digits) for one in value]
    return round(value, digits) if isinstance(value, float) else value
