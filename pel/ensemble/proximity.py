"""How alike rows are to models of trees: in how many of the trees they fall into the same leaf.

Breiman's proximities ("Random forests", manual of version 3.1, 2002), of forests and boosted trees alike.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pel.ensemble.arrays import Vector

Leaves = NDArray[np.integer]


def proximity(one: Sequence[Leaves], others: Sequence[Leaves], weights: Vector) -> Vector:
    """How alike a row is to others: the share of the trees in which it falls into the same leaf.

    Args:
        one: Its leaves in each model, shape (trees,) each, at least one tree.
        others: Theirs, shape (n, trees) each.
        weights: Of the models, not all zero.

    Returns:
        The mean over the models by their weights, shape (n,), from 0 to 1, which is what a row is to itself.
    """
    shares = [np.count_nonzero(theirs == ours, axis=1) / len(ours) for ours, theirs in zip(one, others, strict=True)]
    return np.average(shares, axis=0, weights=weights)
