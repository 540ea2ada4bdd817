"""One base model of one layer: its out-of-fold predictions, and the model fitted on all that is known.

The pipeline runs one base model of one layer per task; ``estimator.PEL`` runs the same functions in a loop. Encoders
are fitted per cutoff, so every fold brings its own arrays, which may differ in values and width.

Layer 1 is pre-trained: each fold starts from the state that was pre-trained on the films rated by that fold's cutoff.
Layer 2 is not: its inputs are forecasts of box office, and for rated films those do not exist without leaking, since
the films that the forecasts would be trained on are mostly the same ones. It takes ``pretrained=None`` throughout.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from pel.ensemble.arrays import Matrix, Vector, ZScore
from pel.ensemble.base import BaseModel
from pel.ensemble.options import Options
from pel.ensemble.registry import make
from pel.ensemble.stacking import concat

Report = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """Rows to fit on.

    Attributes:
        Z_train: Inputs, shape (n, d).
        y_train: Box office in log10 dollars, shape (n,).
        pretrained: The pre-trained state to start from; None for plain training, and always in layer 2.
    """

    Z_train: Matrix
    y_train: Vector
    pretrained: BaseModel | None = None


@dataclass(frozen=True, kw_only=True)
class FoldData(TrainingData):
    """Rows to fit on and later rows to predict.

    Attributes:
        Z_test: Inputs of the rows to predict, shape (k, d), encoded as ``Z_train``; k may be 0.
    """

    Z_test: Matrix


@dataclass(frozen=True, kw_only=True)
class LayerFit:
    """One base model of one layer.

    Attributes:
        out_of_fold: Per fold, predictions of its test rows, shape (k,), in log10 dollars.
        model: The model fitted on the final training rows.
    """

    out_of_fold: list[Vector]
    model: BaseModel


def fit_layer(
    name: str,
    folds: Sequence[FoldData],
    final: TrainingData,
    *,
    seed: int = 0,
    threads: int = 1,
    device: str = "cpu",
    options: Options | None = None,
    report: Report | None = None,
) -> LayerFit:
    """Fit one base model per fold and once more on the final rows.

    Args:
        name: A name of ``registry.BASE_MODELS``.
        folds: What to predict out of fold, in order of cutoff.
        final: The rows of the model to keep.
        seed: As for ``BaseModel``.
        threads: As for ``BaseModel``.
        device: As for ``BaseModel``.
        options: As for ``BaseModel``.
        report: Called as ``report(done, of)`` after each fit.
    """
    fits = len(folds) + 1
    out_of_fold = []

    def fitted(data: TrainingData, done: int) -> BaseModel:
        model = make(name, seed=seed, threads=threads, device=device, options=options)
        model.fine_tune(data.Z_train, data.y_train, pretrained=data.pretrained)
        if report is not None:
            report(done, fits)
        return model

    for done, fold in enumerate(folds, start=1):
        out_of_fold.append(fitted(fold, done).predict(fold.Z_test))
    return LayerFit(out_of_fold=out_of_fold, model=fitted(final, fits))


def second_layer_fold(
    M_train: ArrayLike, Z_train: Matrix, y_train: Vector, *, M_test: ArrayLike, Z_test: Matrix
) -> FoldData:
    """A fold of layer 2; arguments as for ``second_layer_final``, and the same of its test rows."""
    training, scaler = second_layer_final(M_train, Z_train, y_train)
    return FoldData(Z_train=training.Z_train, y_train=training.y_train, Z_test=concat(M_test, Z_test, scaler))


def second_layer_final(M_train: ArrayLike, Z_train: Matrix, y_train: Vector) -> tuple[TrainingData, ZScore]:
    """The training rows of layer 2.

    Args:
        M_train: Out-of-fold predictions of layer 1, one column per base model, shape (n, m), in log10 dollars.
        Z_train: Inputs of layer 1, shape (n, d), encoded as of the layer's cutoff.
        y_train: Box office in log10 dollars, shape (n,).

    Returns:
        The rows, and the z-scores of M, with which ``concat`` prepares films to predict.
    """
    scaler = ZScore.fit(M_train)
    return TrainingData(Z_train=concat(M_train, Z_train, scaler), y_train=y_train), scaler
