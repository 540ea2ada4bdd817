"""The last layer: greedy ensemble selection with replacement.

Caruana, Niculescu-Mizil, Crew and Ksikes, "Ensemble selection from libraries of models", ICML 2004.
"""

import numpy as np
from numpy.typing import ArrayLike

from pel.ensemble.arrays import Vector, as_vector

# A weight is a multiple of 1 / (number of picks), so 50 rounds resolve weights to 2 %, finer than a thousand rows can.
ROUNDS = 50


def select_ensemble(predictions: ArrayLike, y: ArrayLike, *, rounds: int = ROUNDS, prior_picks: int = 0) -> Vector:
    """Weights of the models whose weighted mean has the least mean squared error on these rows.

    The best single model is picked first. Each further round picks the model, possibly once more, that brings the mean
    of all picks closest to y; the weights are those of the best round. Of equal models the first one is picked.

    Args:
        predictions: One column per model, shape (n, m). Rows should be out of sample for every model.
        y: What came true, shape (n,).
        rounds: Picks in all, beside the prior ones.
        prior_picks: How often every model is picked before the first round. The weights are the closer to equal ones.

    Returns:
        Shape (m,); none is negative and they sum to 1. On the given rows the weighted mean is never worse than that of
        the prior picks or, without them, than the best single model.

    Raises:
        ValueError: There are no rows or models, shapes differ, a value is missing, ``rounds`` is below 1 or
            ``prior_picks`` below 0.
    """
    columns = np.asarray(predictions, dtype=np.float64)
    if columns.ndim != 2 or 0 in columns.shape:
        raise ValueError(f"predictions must have shape (rows, models), none of them 0, not {columns.shape}.")
    if not np.isfinite(columns).all():
        raise ValueError("predictions must be finite. Select on rows that every model has predicted.")
    if rounds < 1 or prior_picks < 0:
        raise ValueError(f"rounds must be 1 or more, not {rounds!r}, and prior_picks 0 or more, not {prior_picks!r}.")
    y = as_vector(y, "y", rows=len(columns))

    picks = np.full(columns.shape[1], float(prior_picks))
    total = prior_picks * columns.sum(axis=1)
    best_picks, best_error = picks.copy(), np.inf
    if prior_picks:
        best_error = float(np.mean((total / picks.sum() - y) ** 2))
    for _ in range(rounds):
        errors = np.mean(((total[:, None] + columns) / (picks.sum() + 1) - y[:, None]) ** 2, axis=0)
        choice = int(errors.argmin())
        total = total + columns[:, choice]
        picks[choice] += 1
        if errors[choice] < best_error:
            best_picks, best_error = picks.copy(), errors[choice]
    return best_picks / best_picks.sum()
