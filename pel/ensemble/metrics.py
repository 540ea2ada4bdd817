"""The measures of the paper (eq. 5-7)."""

import numpy as np
from numpy.typing import ArrayLike

from pel.ensemble.arrays import as_vector


def regression_metrics(y: ArrayLike, prediction: ArrayLike) -> dict[str, float]:
    """R², mean squared error and mean absolute error.

    Args:
        y: What came true, shape (n,), in log10 dollars.
        prediction: What was predicted, shape (n,), in the same units.

    Returns:
        ``r2`` (1 is perfect, 0 as good as the mean of y), ``mse`` (units squared) and ``mae`` (units).

    Raises:
        ValueError: There are fewer than 2 rows, or y does not vary, so that R² is not defined.
    """
    rows = np.size(y)
    y = as_vector(y, "y", rows=rows)
    error = y - as_vector(prediction, "prediction", rows=rows)
    if rows < 2:
        raise ValueError(f"Metrics need at least 2 rows, not {rows}. Take a longer window.")
    variance = float(np.var(y))
    if variance == 0:
        raise ValueError(f"R² is not defined: all {rows} values of y are {y[0]}. Take a longer window.")
    mse = float(np.mean(error**2))
    return {"r2": 1 - mse / variance, "mse": mse, "mae": float(np.mean(np.abs(error)))}
