"""Accuracy by kind of film: by year, by genre, by what it cost. For the model card."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.figures import accuracy, coverage

# Edges of the classes of budgets, in dollars.
BUDGETS = (0, 1_000_000, 5_000_000, 20_000_000, 60_000_000, np.inf)
# Of fewer films an R² says nothing.
MIN_FILMS = 30


def slices(films: pd.DataFrame, y: np.ndarray, prediction: np.ndarray, ranges: np.ndarray) -> dict[str, Any]:
    """Figures of each year, genre and class of budgets with enough films.

    Args:
        films: With release date, genres and budget in log10 dollars, n rows.
        y: What came true, (n,) in log10 dollars.
        prediction: What was forecast, (n,) in log10 dollars.
        ranges: The 80 % ranges, (n, 2).
    """
    figures: dict[str, Any] = {"by_year": {}, "by_genre": {}, "by_budget": {}}
    for kind, name, rows in _rows(films):
        if rows.sum() >= MIN_FILMS:
            figures[kind][name] = accuracy(y[rows], prediction[rows]) | {
                "bias_log10": float(np.mean(prediction[rows] - y[rows])),
                "coverage_80": coverage(y[rows], ranges[rows]),
            }
    return figures


def _rows(films: pd.DataFrame) -> Iterator[tuple[str, str, np.ndarray]]:
    years = films["released"].dt.year.to_numpy()
    for year in np.unique(years):
        yield "by_year", str(year), years == year
    for genre in sorted({genre for genres in films["genres"] for genre in genres}):
        yield "by_genre", genre, films["genres"].map(lambda genres, genre=genre: genre in genres).to_numpy(dtype=bool)
    dollars = 10 ** films["budget"].to_numpy()
    for low, high in pairwise(BUDGETS):
        yield "by_budget", _named(low, high), (low <= dollars) & (dollars < high)


def _named(low: float, high: float) -> str:
    if high == np.inf:
        return f"${low / 1e6:.0f} m or more"
    return f"under ${high / 1e6:.0f} m" if low == 0 else f"${low / 1e6:.0f} m to ${high / 1e6:.0f} m"
