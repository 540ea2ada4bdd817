"""Checks of the arrays that come in, and the scale on which the models learn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float32]
Vector = NDArray[np.float64]

# What stands in Z for a value that is missing, below all that normal scores reach: a tree cuts it off, a network sees a
# zero and a mark.
MISSING = -3.0


def as_matrix(values: ArrayLike, name: str) -> Matrix:
    """``values`` as a contiguous float32 matrix (rows, columns), all finite.

    Raises:
        ValueError: It has no two dimensions, or a value is missing or infinite; names the first column concerned.
    """
    matrix = np.ascontiguousarray(values, dtype=np.float32)
    if matrix.ndim != 2:
        raise ValueError(f"{name} must have two dimensions (rows, columns), not shape {matrix.shape}.")
    bad = ~np.isfinite(matrix).all(axis=0)
    if bad.any():
        raise ValueError(
            f"{name} must be finite; column {int(bad.argmax())} holds a missing or infinite value. "
            "Fill it in, and add a column that marks it, before it comes here."
        )
    return matrix


def as_vector(values: ArrayLike, name: str, *, rows: int) -> Vector:
    """``values`` as a finite float64 vector of ``rows`` values; raises ValueError if it is not."""
    vector = np.ascontiguousarray(values, dtype=np.float64)
    if vector.shape != (rows,):
        raise ValueError(f"{name} must have shape ({rows},), one value per row, not {vector.shape}.")
    bad = ~np.isfinite(vector)
    if bad.any():
        raise ValueError(f"{name} must be finite; row {int(bad.argmax())} is {vector[bad.argmax()]}.")
    return vector


def as_training_rows(Z: ArrayLike, target: ArrayLike, name: str) -> tuple[Matrix, Vector]:
    """``Z`` and ``target`` checked, with enough rows to fit on; raises ValueError otherwise."""
    Z = as_matrix(Z, "Z")
    if len(Z) < 2 or Z.shape[1] == 0:
        raise ValueError(f"A fit needs at least 2 rows and 1 column, Z has shape {Z.shape}. Look further back in time.")
    return Z, as_vector(target, name, rows=len(Z))


def weigh_columns(M: ArrayLike, weights: ArrayLike) -> Vector:
    """The sum of the columns of ``M`` by their weights, shape (rows,).

    It is ``M @ weights``, each row on its own: of that, the last digits of a row hang on how many rows there are.
    """
    return np.sum(np.asarray(M, dtype=np.float64) * np.asarray(weights), axis=1)


@dataclass(frozen=True)
class ZScore:
    """Means and standard deviations of columns, fitted on training rows (eq. 3 of the paper).

    Attributes:
        mean: Shape (columns,).
        std: Shape (columns,); 1 for a column that is constant on the training rows.
    """

    mean: Vector
    std: Vector

    @classmethod
    def fit(cls, columns: ArrayLike) -> "ZScore":
        """The statistics of ``columns`` (rows, columns)."""
        wide = as_matrix(columns, "The columns to z-score").astype(np.float64)
        if len(wide) == 0:
            raise ValueError("There are no rows to take means and standard deviations from.")
        std = wide.std(axis=0)
        return cls(wide.mean(axis=0), np.where(std > 0, std, 1.0))

    def transform(self, columns: ArrayLike) -> Matrix:
        """``columns`` (rows, columns) in standard deviations from the mean."""
        wide = as_matrix(columns, "The columns to z-score").astype(np.float64)
        if wide.shape[1] != len(self.mean):
            raise ValueError(f"Fitted on {len(self.mean)} columns, but given {wide.shape[1]}.")
        return ((wide - self.mean) / self.std).astype(np.float32)

    def to_json(self) -> dict[str, list[float]]:
        """The statistics as a dict that JSON can hold without loss."""
        return {"mean": self.mean.tolist(), "std": self.std.tolist()}

    @classmethod
    def from_json(cls, stored: dict[str, list[float]]) -> "ZScore":
        """The inverse of ``to_json``."""
        return cls(np.array(stored["mean"]), np.array(stored["std"]))
