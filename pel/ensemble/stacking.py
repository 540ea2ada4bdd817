"""What the second layer sees: the first layer's predictions beside the input itself.

Eq. 4 of the paper: Z2 = concat(m1(Z), ..., m5(Z), Z), a skip connection.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pel.ensemble.arrays import Matrix, Vector, ZScore, as_matrix
from pel.ensemble.folds import Fold

# Below this, a second layer of five base models learns chance: it has hardly more rows than inputs.
LEAST_ROWS = 50


def concat(M: ArrayLike, Z: ArrayLike, scaler: ZScore) -> Matrix:
    """The second layer's input.

    Args:
        M: Predictions of the first layer, one column per base model, shape (n, m), in log10 dollars.
        Z: The first layer's input, shape (n, d).
        scaler: ``ZScore.fit`` of the M of the second layer's training rows.

    Returns:
        Shape (n, m + d): M z-scored, then Z as it is.
    """
    Z = as_matrix(Z, "Z")
    scaled = scaler.transform(M)
    if len(scaled) != len(Z):
        raise ValueError(f"M has {len(scaled)} rows and Z {len(Z)}. Give both for the same films.")
    return np.ascontiguousarray(np.hstack([scaled, Z]))


def out_of_fold_matrix(folds: Sequence[Fold], predictions: Sequence[Sequence[Vector]], *, rows: int) -> Vector:
    """All out-of-fold predictions of a layer, each at its row.

    Args:
        folds: The folds of the layer.
        predictions: Per base model and fold, predictions of the fold's test rows: ``LayerFit.out_of_fold`` of each.
        rows: How many rows there are in all.

    Returns:
        Shape (rows, base models), NaN where a row is in no test part.
    """
    M = np.full((rows, len(predictions)), np.nan)
    for column, of_model in enumerate(predictions):
        for fold, of_fold in zip(folds, of_model, strict=True):
            M[fold.test, column] = of_fold
    return M


def has_predictions(M: ArrayLike) -> NDArray[np.bool_]:
    """Rows of M (n, m) for which every base model has an out-of-fold prediction; NaN stands for none."""
    return np.asarray(~np.isnan(np.asarray(M, dtype=np.float64)).any(axis=1))


def second_layer_folds(folds: Sequence[Fold], M: ArrayLike) -> list[Fold]:
    """The folds of layer 2: those of layer 1, trained only on rows that have out-of-fold predictions M (n, m) there.

    A fold left with fewer than ``LEAST_ROWS`` of them is dropped; the first always is, as nothing precedes it.
    """
    predicted = has_predictions(M)
    narrowed = [replace(fold, train=fold.train[predicted[fold.train]]) for fold in folds]
    return [fold for fold in narrowed if len(fold.train) >= LEAST_ROWS]
