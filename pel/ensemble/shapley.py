"""Shapley values: what each player contributes to what all of them reach together.

Shapley, "A value for n-person games", 1953; used to explain a prediction by Lundberg and Lee, "A unified approach to
interpreting model predictions", NeurIPS 2017; interventionally by Janzing et al., "Feature relevance quantification in
explainable AI: a causal problem", AISTATS 2020: who is in a coalition has the values of the row to be explained, who is
not has those of a row of the background.

Coalitions are numbered: player j is in coalition s if bit j of s is set. 0 is nobody, 2^k - 1 all k players.
"""

from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pel.ensemble.arrays import Vector


def shapley_values(reached: ArrayLike) -> Vector:
    """Exact Shapley values.

    φ_j = Σ over the coalitions S without j of |S|! (k - |S| - 1)! / k! · (v(S and j) - v(S)).

    Args:
        reached: v, what each coalition reaches, shape (..., 2^k).

    Returns:
        Shape (..., k); they add up to v(all) - v(nobody).

    Raises:
        ValueError: The last axis is no power of two.
    """
    v = np.asarray(reached, dtype=np.float64)
    coalitions = v.shape[-1]
    players = coalitions.bit_length() - 1
    if coalitions != 2**players:
        raise ValueError(f"k players have 2^k coalitions, not {coalitions}.")
    return v @ _weights(players)


def members(players: int) -> NDArray[np.bool_]:
    """Who is in each coalition, shape (2^k, k)."""
    return (np.arange(2**players)[:, None] >> np.arange(players) & 1).astype(bool)


def _weights(players: int) -> Vector:
    """What v of each coalition counts for each player, shape (2^k, k)."""
    inside = members(players)
    others = inside.sum(axis=1)[:, None] - inside
    share = [factorial(n) * factorial(players - n - 1) / factorial(players) for n in range(players)]
    return np.where(inside, 1.0, -1.0) * np.array(share)[others]
