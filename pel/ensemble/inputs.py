"""What ``PEL.fit`` is given, checked: films to learn from, rated films, and folds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pel.ensemble.arrays import Matrix, Vector, as_matrix, as_vector
from pel.ensemble.folds import Days, Fold, choose_cutoffs, forward_folds

# Cutoffs that are chosen when none are given; of one more, the last would leave nothing to predict.
CUTOFFS = 5


@dataclass(frozen=True)
class Films:
    """Films with box office: attributes (n, d) to learn from and to forecast from, and log10 dollars (n,)."""

    X: Matrix
    X_forecast: Matrix
    y: Vector


@dataclass(frozen=True)
class Rated:
    """Films with ratings: attributes (k, d), ratings (k,) and the day from which each is known (k,); None: all are."""

    X: Matrix
    u: Vector
    known_on: Days | None = None

    def known_by(self, fold: Fold | None) -> "Rated":
        """Those that a fold names, or else that are known by its day; all that are known at all, without a fold."""
        if fold is not None and fold.rated is not None:
            return Rated(self.X[fold.rated], self.u[fold.rated])
        if self.known_on is None:
            return self
        rows = ~np.isnat(self.known_on) if fold is None else self.known_on <= fold.cutoff
        return Rated(self.X[rows], self.u[rows])


def forward_rows(
    released: ArrayLike | None, known_on: ArrayLike | None, cutoffs: ArrayLike | None, *, rows: int
) -> tuple[NDArray[np.bool_], list[Fold]]:
    """Which of the rows are known, and forward folds over those."""
    if released is None or known_on is None:
        raise ValueError("Looking forward needs released and known_on. Give them, or folds of your own.")
    days = [np.asarray(values, dtype="datetime64[D]") for values in (released, known_on)]
    for name, values in zip(("released", "known_on"), days, strict=True):
        if values.shape != (rows,):
            raise ValueError(f"{name} has shape {values.shape}, X {rows} rows. Give one per row.")
    known = ~np.isnat(days[1])
    released_on, settled_on = (values[known] for values in days)
    if cutoffs is None:
        cutoffs = _cutoffs(released_on, settled_on)
    return known, forward_folds(released_on, settled_on, cutoffs)


def own_folds(folds: Sequence[Fold], *, rows: int, rated: bool) -> list[Fold]:
    """The same folds, checked."""
    if len(folds) < 2:
        raise ValueError(f"folds must hold 2 folds or more, not {len(folds)}. Make some with k_folds.")
    for place, fold in enumerate(folds):
        used = np.concatenate([fold.train, fold.test])
        if len(np.intersect1d(used, np.arange(rows))) != len(used):
            raise ValueError(f"folds[{place}] names a row twice, or none of the {rows} of X. Make folds of X's rows.")
        if rated and fold.rated is None:
            raise ValueError(f"folds[{place}] does not name the ratings it may use. Set its rated, or transfer=False.")
    return list(folds)


def check_no_days(**given: ArrayLike | None) -> None:
    """Raise if days are given beside folds of one's own."""
    if names := [name for name, values in given.items() if values is not None]:
        raise ValueError(f"folds take the place of {', '.join(names)}. Give the one or the other.")


def labels(y: ArrayLike, known: NDArray[np.bool_]) -> Vector:
    """The labels of the known rows, in log10 dollars."""
    values = np.asarray(y, dtype=np.float64)
    if values.shape != known.shape:
        raise ValueError(f"y has shape {values.shape}, X {len(known)} rows. Give one per row.")
    return as_vector(values[known], "y", rows=int(known.sum()))


def rated_films(X_rated: ArrayLike | None, u: ArrayLike | None, known_on: ArrayLike | None, *, forward: bool) -> Rated:
    """The rated films; looking forward needs the day from which each rating is known."""
    if X_rated is None or u is None or (forward and known_on is None):
        needed = "X_rated, u and rated_known_on" if forward else "X_rated and u"
        raise ValueError(f"transfer=True needs {needed}. Give them, or set transfer=False.")
    X_rated = as_matrix(X_rated, "X_rated")
    u = as_vector(u, "u", rows=len(X_rated))
    if known_on is None:
        return Rated(X_rated, u)
    days = np.asarray(known_on, dtype="datetime64[D]")
    if days.shape != (len(X_rated),):
        raise ValueError(f"rated_known_on has shape {days.shape}, X_rated {len(X_rated)} rows. Give one per row.")
    return Rated(X_rated, u, days)


def _cutoffs(released: Days, known_on: Days) -> Days:
    return choose_cutoffs(released, known_on, holdout_start=known_on.max(), folds=CUTOFFS + 1)[:-1]
