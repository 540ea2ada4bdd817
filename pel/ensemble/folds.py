"""Forward folds: what is tested was released after everything that was trained on had become known.

Rows are films. A film's label is known on a day (when its box office settled), which may be long after its release, so
a film can lie between the two: released before the cutoff, not yet known by it. It then is in neither part.

Random folds, which learn from films of the future, are for comparing with papers that split so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class Fold:
    """One cutoff and the rows on its two sides.

    Attributes:
        cutoff: The day from which the fold looks; NaT of a random fold, which looks from none.
        train: Indices of rows known by the cutoff and released before it.
        test: Indices of rows released on the cutoff or later, and before the next cutoff.
        rated: Indices of the rated films that it may pre-train on; None: those known by its cutoff.
    """

    cutoff: np.datetime64
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    rated: NDArray[np.intp] | None = None


def forward_folds(released: ArrayLike, known_on: ArrayLike, cutoffs: ArrayLike) -> list[Fold]:
    """One fold per cutoff.

    Test rows of fold i are released in ``[cutoffs[i], cutoffs[i + 1])``, of the last fold from its cutoff on; they need
    no label. A day lies on one side of a cutoff as a whole, so films of one day never see each other's labels.

    Args:
        released: Day of release, shape (n,).
        known_on: Day from which the label is known, shape (n,); NaT if it is not known.
        cutoffs: Strictly increasing days.

    Raises:
        ValueError: Shapes differ, a release or a cutoff is missing, or the cutoffs do not increase.
    """
    released, known_on = _as_history(released, known_on)
    cutoffs = _as_days(cutoffs, "cutoffs")
    if len(cutoffs) == 0:
        raise ValueError("cutoffs must hold at least one day.")
    for before, after in pairwise(cutoffs):
        if not before < after:
            raise ValueError(f"cutoffs must increase, but {after} follows {before}.")
    ends = [*cutoffs[1:], None]
    return [_fold(released, known_on, cutoff, end) for cutoff, end in zip(cutoffs, ends, strict=True)]


def k_folds(rows: int, folds: int, *, seed: int) -> list[Fold]:
    """A random partition: every row is tested once, in folds of equal size (to within 1) that train on the rest.

    Args:
        rows: How many rows there are.
        folds: How many folds, from 2 to ``rows``.
        seed: The same seed gives the same folds.

    Raises:
        ValueError: There are fewer than 2 folds, or more than rows.
    """
    if not 2 <= folds <= rows:
        raise ValueError(f"folds must be between 2 and the number of rows, not {folds!r} of {rows!r} rows.")
    parts = np.array_split(np.random.default_rng(seed).permutation(rows), folds)
    return [Fold(np.datetime64("NaT", "D"), np.setdiff1d(np.arange(rows), part), np.sort(part)) for part in parts]


def choose_cutoffs(
    released: ArrayLike,
    known_on: ArrayLike,
    *,
    holdout_start: np.datetime64 | date,
    folds: int = 5,
    first_share: float = 0.4,
) -> Days:
    """Cutoffs between which equally many labels become known, the last at ``holdout_start``.

    Args:
        released: Day of release, shape (n,).
        known_on: Day from which the label is known, shape (n,); NaT if it is not known.
        holdout_start: First day of the held-out window.
        folds: How many cutoffs. Days that coincide are merged, so there may be fewer.
        first_share: Share of the rows known by ``holdout_start`` that the first fold trains on.

    Returns:
        Strictly increasing days, for ``forward_folds``.

    Raises:
        ValueError: A parameter is out of its range, or nothing is known by ``holdout_start``.
    """
    released, known_on = _as_history(released, known_on)
    last = np.asarray(holdout_start, dtype="datetime64[D]")
    if folds < 1:
        raise ValueError(f"folds must be 1 or more, not {folds!r}.")
    if not 0 < first_share <= 1:
        raise ValueError(f"first_share must be above 0 and at most 1, not {first_share!r}.")
    known = np.sort(known_on[_known_by(released, known_on, last)])
    if len(known) == 0:
        raise ValueError(f"No label is known by holdout_start {holdout_start}. Choose a later day.")
    shares = np.linspace(first_share, 1.0, folds)[:-1]
    places = np.ceil(shares * len(known)).astype(int) - 1
    return np.unique(np.append(known[places], last))


def _fold(released: Days, known_on: Days, cutoff: np.datetime64, end: np.datetime64 | None) -> Fold:
    tested = released >= cutoff
    if end is not None:
        tested &= released < end
    return Fold(cutoff, np.flatnonzero(_known_by(released, known_on, cutoff)), np.flatnonzero(tested))


def _known_by(released: Days, known_on: Days, day: np.datetime64 | Days) -> NDArray[np.bool_]:
    """Rows whose label is known by ``day``. A label dated before its own release is no reason to see the future."""
    return (known_on <= day) & (released < day)


def _as_history(released: ArrayLike, known_on: ArrayLike) -> tuple[Days, Days]:
    days = _as_days(released, "released")
    known = np.asarray(known_on, dtype="datetime64[D]")
    if known.shape != days.shape:
        raise ValueError(f"known_on has shape {known.shape}, released {days.shape}. Give one of each per row.")
    return days, known


def _as_days(values: ArrayLike | Sequence[np.datetime64], name: str) -> Days:
    days = np.asarray(values, dtype="datetime64[D]")
    if days.ndim != 1:
        raise ValueError(f"{name} must have one dimension, not shape {days.shape}.")
    if np.isnat(days).any():
        raise ValueError(f"{name} holds no day at place {int(np.isnat(days).argmax())}.")
    return days
