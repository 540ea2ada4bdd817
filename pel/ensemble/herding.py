"""A few rows that stand for many.

Chen, Welling and Smola, "Super-samples from kernel herding", UAI 2010, with a linear kernel: one row after the
other, that which brings the mean of those chosen nearest to the mean of all.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def herd(points: ArrayLike, rows: int) -> NDArray[np.intp]:
    """The places of so many rows whose mean is near that of all, in ascending order.

    Args:
        points: Shape (n, d), columns on one scale.
        rows: How many, at most n; fewer are all there are.
    """
    centred = np.asarray(points, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    chosen: list[int] = []
    total = np.zeros(centred.shape[1])
    for _ in range(min(rows, len(centred))):
        distance = ((total + centred) ** 2).sum(axis=1)
        distance[chosen] = np.inf
        chosen.append(int(distance.argmin()))
        total += centred[chosen[-1]]
    return np.sort(np.array(chosen, dtype=np.intp))
