"""P-EL as one estimator, for a notebook.

It runs, in one process and in a loop, the same functions that the pipeline runs one task at a time: folds, one
pre-trained state per base model and fold, layer 1, layer 2 on its out-of-fold predictions, ensemble selection, ranges.
It follows scikit-learn's conventions (parameters as given, ``get_params``, fitted attributes end in an underscore) so
that ``sklearn.base.clone`` works, without importing scikit-learn.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from pel.ensemble.arrays import Matrix, Vector, ZScore, as_matrix, weigh_columns
from pel.ensemble.base import BaseModel
from pel.ensemble.configuration import BEST, Configuration
from pel.ensemble.folds import Fold
from pel.ensemble.inputs import Films, Rated, check_no_days, forward_rows, labels, own_folds, rated_films
from pel.ensemble.layers import FoldData, Report, TrainingData, fit_layer, second_layer_final, second_layer_fold
from pel.ensemble.registry import make
from pel.ensemble.stacking import concat, has_predictions, out_of_fold_matrix, second_layer_folds
from pel.ensemble.weighing import weigh

PARAMETERS = ("configuration", "transfer", "seed", "threads", "device", "report")


class PEL:
    """Pre-training and Fine-tuning Ensemble Learning.

    Args:
        configuration: How it is built: ``BEST``, ``PAPER``, or one of yours.
        transfer: Pre-train on ratings. False is EL, the same without pre-training.
        seed: Same data and same seed give the same predictions, to the last digit, on one machine.
        threads: CPU threads of each base model.
        device: Device of the neural net: "cpu", "cuda" or "auto".
        report: Called as ``report(what, done, of)`` after each fit; None is silent.

    Attributes:
        folds_: The folds, each with its day, rows trained on and rows predicted.
        scaler_: Z-scores of X (eq. 3); None if the configuration takes X as it is.
        first_layer_: Base models fitted on X.
        second_layer_: Base models fitted on the first layer's predictions and X; none with one layer.
        out_of_fold_: Out-of-fold predictions of the last layer, shape (known films, base models), NaN without one.
        weights_: Weight of each model of the last layer, shape (base models,).
        intervals_: Its ranges.
    """

    def __init__(
        self,
        configuration: Configuration = BEST,
        *,
        transfer: bool = True,
        seed: int = 0,
        threads: int = 1,
        device: str = "cpu",
        report: Callable[[str, int, int], None] | None = None,
    ) -> None:
        self.configuration = configuration
        self.transfer = transfer
        self.seed = seed
        self.threads = threads
        self.device = device
        self.report = report

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        *,
        released: ArrayLike | None = None,
        known_on: ArrayLike | None = None,
        X_rated: ArrayLike | None = None,
        u: ArrayLike | None = None,
        rated_known_on: ArrayLike | None = None,
        cutoffs: ArrayLike | None = None,
        folds: Sequence[Fold] | None = None,
        X_forecast: ArrayLike | None = None,
    ) -> Self:
        """Fit on films with box office and, with ``transfer``, on films with ratings.

        Folds look forward in time, for which it takes days (``released``, ``known_on``, ``rated_known_on`` and, if you
        like, ``cutoffs``); or they are your own, and then it takes no days.

        Args:
            X: Attributes of films, shape (n, d): normal scores (``FilmEncoder`` makes them) or, if the configuration
                standardizes, in any units.
            y: Box office in log10 dollars, shape (n,); ignored where ``known_on`` is NaT.
            released: Day of release, shape (n,).
            known_on: Day from which y is known, shape (n,), or NaT.
            X_rated: The same attributes of rated films, shape (k, d).
            u: Their ratings, shape (k,).
            rated_known_on: Day from which a rating is known, shape (k,). A fold pre-trains on those known by then.
            cutoffs: Days from which the folds look; None chooses five, evenly over what is known.
            folds: Two or more of your own over the rows of X, such as ``k_folds`` makes, each with ``rated`` (rows of
                X_rated) if anything is transferred. Then every y and u counts as known. Weights are chosen on all of
                them but the last, which calibrates the ranges.
            X_forecast: X of the same films as they would be given to ``predict``, where that differs from how they are
                learned from (an unknown budget is imputed); folds predict from it. None takes X.

        Raises:
            ValueError: Shapes do not fit, values are missing, the history is too short, or there are days and folds.
        """
        X = as_matrix(X, "X")
        X_forecast = X if X_forecast is None else as_matrix(X_forecast, "X_forecast")
        if X_forecast.shape != X.shape:
            raise ValueError(f"X_forecast has shape {X_forecast.shape}, X {X.shape}. Give both for the same films.")
        if folds is None:
            known, self.folds_ = forward_rows(released, known_on, cutoffs, rows=len(X))
        else:
            check_no_days(released=released, known_on=known_on, rated_known_on=rated_known_on, cutoffs=cutoffs)
            known, self.folds_ = (
                np.ones(len(X), dtype=bool),
                own_folds(folds, rows=len(X), rated=bool(self._transferred)),
            )
        films = Films(X[known], X_forecast[known], labels(y, known))
        rated = rated_films(X_rated, u, rated_known_on, forward=folds is None) if self._transferred else None
        self._fit_layers(films, rated)
        weighing = weigh(self.configuration, self.folds_, self.out_of_fold_, films.y)
        self.weights_, self.intervals_ = weighing.weights, weighing.intervals
        return self

    def predict(self, X: ArrayLike) -> Vector:
        """Box office in log10 dollars, shape (n,), of films with attributes X, shape (n, d)."""
        self._check_fitted()
        return weigh_columns(self.predict_models(X), self.weights_)

    def predict_interval(self, X: ArrayLike, coverage: float = 0.8) -> Vector:
        """Ranges in log10 dollars, shape (n, 2), which hold that share of films, between 0 and 1."""
        self._check_fitted()
        return self.intervals_.predict(self.predict_models(X), self.weights_, coverage)

    def predict_models(self, X: ArrayLike) -> Vector:
        """What each model of the last layer says, shape (n, base models), in log10 dollars."""
        if not hasattr(self, "first_layer_"):
            raise RuntimeError("This PEL is not fitted. Call fit first.")
        Z = _scaled(self.scaler_, X)
        M = np.column_stack([model.predict(Z) for model in self.first_layer_])
        if not self.second_layer_:
            return M
        Z2 = concat(M, Z, self._stack_scaler)
        return np.column_stack([model.predict(Z2) for model in self.second_layer_])

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's parameters; ``deep`` is scikit-learn's and changes nothing."""
        return {name: getattr(self, name) for name in PARAMETERS}

    def set_params(self, **parameters: Any) -> Self:
        """Set parameters by name; raises ValueError for an unknown one."""
        for name, value in parameters.items():
            if name not in PARAMETERS:
                raise ValueError(f"PEL has no parameter {name!r}. It has {', '.join(PARAMETERS)}.")
            setattr(self, name, value)
        return self

    @property
    def _transferred(self) -> frozenset[str]:
        return self.configuration.transferred if self.transfer else frozenset()

    def _check_fitted(self) -> None:
        if not hasattr(self, "weights_"):
            raise RuntimeError("This PEL is not fitted. Call fit first.")

    def _how(self, name: str) -> dict[str, Any]:
        options = self.configuration.base_models[name]
        return {"seed": self.seed, "threads": self.threads, "device": self.device, "options": options}

    def _reporting(self, what: str) -> Report:
        def report(done: int, of: int) -> None:
            if self.report is not None:
                self.report(what, done, of)

        return report

    def _fit_layers(self, films: Films, rated: Rated | None) -> None:
        """Fit layer 1 and, if there is one, layer 2; keep the last one's out-of-fold predictions."""
        self.second_layer_: list[BaseModel] = []
        M = self._fit_first_layer(films, rated)
        self.out_of_fold_ = M if self.configuration.layers == 1 else self._fit_second_layer(films, M)

    def _fit_first_layer(self, films: Films, rated: Rated | None) -> Vector:
        """Fit layer 1 and return its out-of-fold predictions, shape (n, base models), NaN where there is none."""
        scalers = [self._scaler(films.X[fold.train]) for fold in self.folds_]
        self.scaler_ = self._scaler(films.X)
        known = [None if rated is None else rated.known_by(fold) for fold in (*self.folds_, None)]
        fits = []
        for name in self.configuration.base_models:
            states = self._pretrain(name, known, [*scalers, self.scaler_])
            data = [
                FoldData(
                    Z_train=_scaled(scaler, films.X[fold.train]),
                    y_train=films.y[fold.train],
                    Z_test=_scaled(scaler, films.X_forecast[fold.test]),
                    pretrained=state,
                )
                for fold, scaler, state in zip(self.folds_, scalers, states[:-1], strict=True)
            ]
            final = TrainingData(Z_train=_scaled(self.scaler_, films.X), y_train=films.y, pretrained=states[-1])
            fits.append(fit_layer(name, data, final, **self._how(name), report=self._reporting(f"{name}, layer 1")))
        self.first_layer_ = [fit.model for fit in fits]
        return out_of_fold_matrix(self.folds_, [fit.out_of_fold for fit in fits], rows=len(films.y))

    def _pretrain(self, name: str, rated: list[Rated | None], scalers: list[ZScore | None]) -> list[BaseModel | None]:
        """The pre-trained states to start from: one per fold and one for the final fit; None trains plainly."""
        states: list[BaseModel | None] = []
        report = self._reporting(f"{name}, pre-training")
        for films, scaler in zip(rated, scalers, strict=True):
            if films is None or name not in self._transferred:
                states.append(None)
                continue
            states.append(make(name, **self._how(name)).pretrain(_scaled(scaler, films.X), films.u))
            report(len(states), len(rated))
        return states

    def _fit_second_layer(self, films: Films, M: Vector) -> Vector:
        """Fit layer 2 on layer 1's out-of-fold predictions M (n, m) and X, and return its own."""
        folds = second_layer_folds(self.folds_, M)
        if not folds:
            raise ValueError("No fold has enough earlier forecasts to train layer 2. Give a longer history.")
        data = []
        for fold in folds:
            scaler = self._scaler(films.X[fold.train])
            training, test = _scaled(scaler, films.X[fold.train]), _scaled(scaler, films.X_forecast[fold.test])
            data.append(
                second_layer_fold(M[fold.train], training, films.y[fold.train], M_test=M[fold.test], Z_test=test)
            )
        rows = has_predictions(M)
        final, self._stack_scaler = second_layer_final(M[rows], _scaled(self.scaler_, films.X[rows]), films.y[rows])
        fits = [
            fit_layer(name, data, final, **self._how(name), report=self._reporting(f"{name}, layer 2"))
            for name in self.configuration.base_models
        ]
        self.second_layer_ = [fit.model for fit in fits]
        return out_of_fold_matrix(folds, [fit.out_of_fold for fit in fits], rows=len(films.y))

    def _scaler(self, X: Matrix) -> ZScore | None:
        return ZScore.fit(X) if self.configuration.standardized else None


def _scaled(scaler: ZScore | None, X: ArrayLike) -> Matrix:
    return as_matrix(X, "X") if scaler is None else scaler.transform(X)
