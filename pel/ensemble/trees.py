"""How a tree model is fine-tuned: its new trees learn what its aligned pre-trained self leaves over.

Trees cannot be adjusted as weights can, so boosting goes on from where pre-training ended. Ratings and dollars have
different scales; hence the pre-trained output f(Z) is first mapped linearly onto the target by least squares over the
fine-tuning rows, and the new trees fit the residual:

    prediction(Z) = a + b f(Z) + s g(Z),   (a, b) = argmin Σ (y - a - b f)²,   s = std(y - a - b f)

With zero new trees a fine-tuned model is its aligned pre-trained self. Without a pre-trained state f = 0, so that a is
the target's mean and s its standard deviation: plain training on the standardised target.
"""

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pel.ensemble.arrays import Matrix, Vector, as_matrix
from pel.ensemble.base import BaseModel

# A residual that varies less than this (in log10 dollars or rating points) is rounding, not something to fit.
SMALLEST_SPREAD = 1e-9


class TreeModel(BaseModel):
    """A tree model; what differs between libraries is below, in five methods."""

    file_name: ClassVar[str]

    _pretrained: "TreeModel | None"
    _intercept: float
    _slope: float
    _spread: float
    _trees: Any

    def leaves(self, Z: ArrayLike) -> NDArray[np.integer]:
        """The leaf of each tree of the last fit into which rows fall, shape (n, trees), as integers as small as can be.

        If it grew no tree, all rows are in one leaf.
        """
        self._check_fitted()
        Z = as_matrix(Z, "Z")
        if self._trees is None or len(Z) == 0:
            return np.zeros((len(Z), 1), dtype=np.uint8)
        found = np.asarray(self._find_leaves(self._trees, Z)).reshape(len(Z), -1)
        return found.astype(np.min_scalar_type(int(found.max())))

    def _pretrain(self, Z: Matrix, u: Vector) -> None:
        self._fit(Z, u, None, self.options.pretrain_rounds)

    def _fine_tune(self, Z: Matrix, y: Vector, pretrained: "TreeModel | None") -> None:
        self._fit(Z, y, pretrained, self.options.fine_tune_rounds)

    def _fit(self, Z: Matrix, target: Vector, pretrained: "TreeModel | None", rounds: int) -> None:
        self._pretrained = pretrained
        start = self._start(Z)
        self._intercept, self._slope = align(start, target)
        residual = target - (self._intercept + self._slope * start)
        self._spread = float(residual.std())
        grows = rounds > 0 and self._spread > SMALLEST_SPREAD
        self._trees = self._grow(Z, residual / self._spread, rounds) if grows else None

    def _start(self, Z: Matrix) -> Vector:
        """The pre-trained self's output f(Z), zero without one; shape (n,)."""
        return np.zeros(len(Z)) if self._pretrained is None else self._pretrained.predict(Z)

    def _predict(self, Z: Matrix) -> Vector:
        aligned = self._intercept + self._slope * self._start(Z)
        if self._trees is None or len(Z) == 0:
            return aligned
        return aligned + self._spread * np.asarray(self._evaluate(self._trees, Z), dtype=np.float64)

    def _save(self, folder: Path) -> dict[str, Any]:
        if self._trees is not None:
            self._write(self._trees, folder / self.file_name)
        if self._pretrained is not None:
            self._pretrained.save(folder / "pretrained")
        return {
            "intercept": self._intercept,
            "slope": self._slope,
            "spread": self._spread,
            "has_trees": self._trees is not None,
            "has_pretrained": self._pretrained is not None,
        }

    def _load(self, folder: Path, state: dict[str, Any]) -> None:
        self._intercept, self._slope, self._spread = state["intercept"], state["slope"], state["spread"]
        self._trees = self._read(folder / self.file_name) if state["has_trees"] else None
        self._pretrained = None
        if state["has_pretrained"]:
            self._pretrained = type(self).load(folder / "pretrained", threads=self.threads, device=self.device)

    @abstractmethod
    def _grow(self, Z: Matrix, target: Vector, rounds: int) -> Any:
        """Trees fitted to ``target``, which is centred and has unit variance."""

    @abstractmethod
    def _evaluate(self, trees: Any, Z: Matrix) -> Any:
        """What ``trees`` say about ``Z``, shape (n,)."""

    @abstractmethod
    def _find_leaves(self, trees: Any, Z: Matrix) -> Any:
        """The leaf of each tree into which the rows of ``Z`` fall, shape (n, trees)."""

    @abstractmethod
    def _write(self, trees: Any, path: Path) -> None: ...

    @abstractmethod
    def _read(self, path: Path) -> Any: ...


def align(start: Vector, target: Vector) -> tuple[float, float]:
    """Intercept and slope of the least-squares line from ``start`` to ``target``, both of shape (n,)."""
    centred = start - start.mean()
    variation = float(centred @ centred)
    slope = float(centred @ (target - target.mean())) / variation if variation > SMALLEST_SPREAD else 0.0
    return float(target.mean()) - slope * float(start.mean()), slope
