"""P-EL as one estimator, for a notebook.

It runs, in one process and in a loop, the same functions that the pipeline runs one task at a time: forward folds, one
pre-trained state per base model and cutoff, layer 1, layer 2 on its out-of-fold predictions, ensemble selection.
It follows scikit-learn's conventions (parameters as given, ``get_params``, fitted attributes end in an underscore) so
that ``sklearn.base.clone`` works, without importing scikit-learn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from pel.ensemble.arrays import Matrix, Vector, ZScore, as_matrix, as_vector
from pel.ensemble.base import BaseModel
from pel.ensemble.folds import Days, Fold, choose_cutoffs, forward_folds
from pel.ensemble.layers import (
    FoldData,
    TrainingData,
    ensemble_prediction,
    fit_layer,
    second_layer_final,
    second_layer_fold,
)
from pel.ensemble.registry import BASE_MODELS, make
from pel.ensemble.selection import select_ensemble
from pel.ensemble.stacking import concat, has_predictions, out_of_fold_matrix, second_layer_folds

# Cutoffs that are chosen when none are given; of one more, the last would leave nothing to predict.
CUTOFFS = 5


class PEL:
    """Pre-training and Fine-tuning Ensemble Learning.

    Args:
        base_models: Names of ``registry.BASE_MODELS``.
        transfer: Pre-train on ratings. False is EL, the same without pre-training.
        seed: Same data and same seed give the same predictions, to the last digit, on one machine.
        threads: CPU threads of each base model.
        device: Device of the neural net: "cpu", "cuda" or "auto".

    Attributes:
        cutoffs_: The days from which the folds look.
        scaler_: Z-scores of X (eq. 3).
        first_layer_: Base models fitted on X.
        second_layer_: Base models fitted on the first layer's predictions and X.
        weights_: Weight of each model of the second layer, shape (base models,).
    """

    def __init__(
        self,
        base_models: Sequence[str] = tuple(BASE_MODELS),
        *,
        transfer: bool = True,
        seed: int = 0,
        threads: int = 1,
        device: str = "cpu",
    ) -> None:
        self.base_models = base_models
        self.transfer = transfer
        self.seed = seed
        self.threads = threads
        self.device = device

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        released: ArrayLike,
        known_on: ArrayLike,
        X_rated: ArrayLike | None = None,
        u: ArrayLike | None = None,
        rated_known_on: ArrayLike | None = None,
        cutoffs: ArrayLike | None = None,
    ) -> Self:
        """Fit on films with box office and, with ``transfer``, on films with ratings.

        Args:
            X: Attributes of films, shape (n, d), not z-scored.
            y: Box office in log10 dollars, shape (n,); ignored where ``known_on`` is NaT.
            released: Day of release, shape (n,).
            known_on: Day from which y is known, shape (n,), or NaT.
            X_rated: The same attributes of rated films, shape (k, d).
            u: Their ratings, shape (k,).
            rated_known_on: Day from which a rating is known, shape (k,). A fold pre-trains on those known by then.
            cutoffs: Days from which the folds look; None chooses five, evenly over what is known.

        Raises:
            ValueError: Shapes do not fit, values are missing, or the history is too short for two layers.
        """
        known = ~np.isnat(np.asarray(known_on, dtype="datetime64[D]"))
        films = _Films(as_matrix(X, "X")[known], _labels(y, known))
        rated = _rated(X_rated, u, rated_known_on) if self.transfer else None
        days = np.asarray(released, dtype="datetime64[D]")[known], np.asarray(known_on, dtype="datetime64[D]")[known]
        self.cutoffs_ = _cutoffs(*days) if cutoffs is None else np.asarray(cutoffs, dtype="datetime64[D]")
        folds = forward_folds(*days, self.cutoffs_)
        M = self._fit_first_layer(films, rated, folds)
        self._fit_second_layer(films, M, second_layer_folds(folds, M))
        return self

    def predict(self, X: ArrayLike) -> Vector:
        """Box office in log10 dollars, shape (n,), of films with attributes X, shape (n, d)."""
        if not hasattr(self, "weights_"):
            raise RuntimeError("This PEL is not fitted. Call fit first.")
        Z = self.scaler_.transform(X)
        M = np.column_stack([model.predict(Z) for model in self.first_layer_])
        Z2 = concat(M, Z, self._stack_scaler)
        return ensemble_prediction([model.predict(Z2) for model in self.second_layer_], self.weights_)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's parameters; ``deep`` is scikit-learn's and changes nothing."""
        return {name: getattr(self, name) for name in ("base_models", "transfer", "seed", "threads", "device")}

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters by name; raises ValueError for an unknown one."""
        for name, value in parameters.items():
            if name not in self.get_params():
                raise ValueError(f"PEL has no parameter {name!r}. It has {', '.join(self.get_params())}.")
            setattr(self, name, value)
        return self

    @property
    def _how(self) -> dict[str, Any]:
        return {"seed": self.seed, "threads": self.threads, "device": self.device}

    def _fit_first_layer(self, films: "_Films", rated: "_Rated | None", folds: list[Fold]) -> Vector:
        """Fit layer 1 and return its out-of-fold predictions, shape (n, base models), NaN where there is none."""
        scalers = [ZScore.fit(films.X[fold.train]) for fold in folds]
        self.scaler_ = ZScore.fit(films.X)
        fits = []
        for name in self.base_models:
            data = [
                FoldData(
                    Z_train=scaler.transform(films.X[fold.train]),
                    y_train=films.y[fold.train],
                    Z_test=scaler.transform(films.X[fold.test]),
                    pretrained=self._pretrain(name, rated, scaler, fold.cutoff),
                )
                for fold, scaler in zip(folds, scalers, strict=True)
            ]
            final = TrainingData(
                Z_train=self.scaler_.transform(films.X),
                y_train=films.y,
                pretrained=self._pretrain(name, rated, self.scaler_, None),
            )
            fits.append(fit_layer(name, data, final, **self._how))
        self.first_layer_ = [fit.model for fit in fits]
        return out_of_fold_matrix(folds, [fit.out_of_fold for fit in fits], rows=len(films.y))

    def _pretrain(
        self, name: str, rated: "_Rated | None", scaler: ZScore, cutoff: np.datetime64 | None
    ) -> BaseModel | None:
        """The state pre-trained on ratings known by ``cutoff``, on all of them without one."""
        if rated is None:
            return None
        rows = ~np.isnat(rated.known_on) if cutoff is None else rated.known_on <= cutoff
        return make(name, **self._how).pretrain(scaler.transform(rated.X[rows]), rated.u[rows])

    def _fit_second_layer(self, films: "_Films", M: Vector, folds: list[Fold]) -> None:
        if not folds:
            raise ValueError("No fold has enough earlier forecasts to train layer 2. Give a longer history.")
        data = []
        for fold in folds:
            scaler = ZScore.fit(films.X[fold.train])
            Z = scaler.transform(films.X)
            data.append(
                second_layer_fold(
                    M[fold.train], Z[fold.train], films.y[fold.train], M_test=M[fold.test], Z_test=Z[fold.test]
                )
            )
        rows = has_predictions(M)
        final, self._stack_scaler = second_layer_final(M[rows], self.scaler_.transform(films.X[rows]), films.y[rows])
        fits = [fit_layer(name, data, final, **self._how) for name in self.base_models]
        self.second_layer_ = [fit.model for fit in fits]
        M2 = out_of_fold_matrix(folds, [fit.out_of_fold for fit in fits], rows=len(films.y))
        tested = has_predictions(M2)
        self.weights_ = select_ensemble(M2[tested], films.y[tested])


@dataclass(frozen=True)
class _Films:
    """Films with box office: attributes (n, d) and log10 dollars (n,)."""

    X: Matrix
    y: Vector


@dataclass(frozen=True)
class _Rated:
    """Films with ratings: attributes (k, d), ratings (k,) and the day from which each is known (k,)."""

    X: Matrix
    u: Vector
    known_on: Days


def _labels(y: ArrayLike, known: np.ndarray) -> Vector:
    labels = np.asarray(y, dtype=np.float64)
    if labels.shape != known.shape:
        raise ValueError(f"y has shape {labels.shape}, known_on {known.shape}. Give one of each per row of X.")
    return as_vector(labels[known], "y", rows=int(known.sum()))


def _rated(X_rated: ArrayLike | None, u: ArrayLike | None, rated_known_on: ArrayLike | None) -> _Rated:
    if X_rated is None or u is None or rated_known_on is None:
        raise ValueError("transfer=True needs X_rated, u and rated_known_on. Give them, or set transfer=False.")
    X_rated = as_matrix(X_rated, "X_rated")
    known_on = np.asarray(rated_known_on, dtype="datetime64[D]")
    if known_on.shape != (len(X_rated),):
        raise ValueError(f"rated_known_on has shape {known_on.shape}, X_rated {len(X_rated)} rows. Give one per row.")
    return _Rated(X_rated, as_vector(u, "u", rows=len(X_rated)), known_on)


def _cutoffs(released: Days, known_on: Days) -> Days:
    return choose_cutoffs(released, known_on, holdout_start=known_on.max(), folds=CUTOFFS + 1)[:-1]
