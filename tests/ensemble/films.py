"""Made-up films: what drives their box office is partly what drives their ratings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from pel.ensemble.configuration import Configuration
from pel.ensemble.options import (
    CatBoostOptions,
    ForestOptions,
    LeafBoostingOptions,
    NeuralNetOptions,
    Options,
)
from pel.ensemble.registry import BASE_MODELS
from pel.ensemble.trees import TreeModel

# Small enough for a test suite, large enough to learn something.
SMALL: dict[str, Options] = {
    "catboost": CatBoostOptions(pretrain_rounds=60, fine_tune_rounds=30, learning_rate=0.1, max_depth=4),
    "random_forest": ForestOptions(pretrain_rounds=20, fine_tune_rounds=20, max_depth=8),
    "lightgbm": LeafBoostingOptions(pretrain_rounds=60, fine_tune_rounds=30, learning_rate=0.1, max_depth=4),
    "xgboost": LeafBoostingOptions(pretrain_rounds=60, fine_tune_rounds=30, learning_rate=0.1, max_depth=4),
    "neural_net": NeuralNetOptions(members=2, width=24, pretrain_epochs=12, fine_tune_epochs=12, batch_rows=64),
}
NAMES = list(SMALL)
TREES = [name for name in NAMES if issubclass(BASE_MODELS[name], TreeModel)]


def small(configuration: Configuration, names: Sequence[str] = NAMES) -> Configuration:
    """The same with these base models only, small ones."""
    options = {name: SMALL[name] for name in names}
    return replace(configuration, base_models=options, transferred=configuration.transferred & set(names))


class Films(NamedTuple):
    Z: np.ndarray
    rating: np.ndarray
    dollars: np.ndarray


def some_films(n: int, *, seed: int = 0, columns: int = 8) -> Films:
    """Inputs, ratings, and log10 dollars that lean on the same taste as the ratings."""
    rng = np.random.default_rng(seed)
    Z = rng.standard_normal((n, columns)).astype(np.float32)
    taste = np.sin(1.5 * Z[:, 0]) + Z[:, 1] * (Z[:, 2] > 0) + 0.5 * Z[:, 3]
    rating = 6 + 0.8 * taste + 0.4 * rng.standard_normal(n)
    dollars = 7 + 0.7 * taste + 0.2 * Z[:, 4] + 0.3 * rng.standard_normal(n)
    return Films(Z, rating, dollars)


def mean_squared_error(y: np.ndarray, prediction: np.ndarray) -> float:
    return float(np.mean((y - prediction) ** 2))
