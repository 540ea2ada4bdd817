"""The two ways to build the ensemble: as the paper has it, and as measurement has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from pel.ensemble.options import (
    CatBoostOptions,
    ForestOptions,
    LeafBoostingOptions,
    NeuralNetOptions,
    Options,
)
from pel.ensemble.registry import BASE_MODELS


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One way to build the ensemble.

    Attributes:
        name: What it is called.
        base_models: Options of each base model, by its name, in the order of the columns of M.
        transferred: Base models that start from a state pre-trained on ratings. Of the others nothing is pre-trained.
        layers: 2 stacks a second layer on the first (eq. 4); 1 weighs the first layer itself.
        standardized: Whether inputs are z-scored (eq. 3). Not if they are normal scores, in which ``MISSING`` marks
            what is missing.
        prior_picks: How often every model is picked before ensemble selection begins. It draws the weights towards
            equal ones, from which a few hundred films can lead astray.

    Raises:
        ValueError: A base model does not exist, options are another model's, or a value is out of range.
    """

    name: str
    base_models: Mapping[str, Options]
    transferred: frozenset[str]
    layers: int
    standardized: bool
    prior_picks: int

    def __post_init__(self) -> None:
        for name, options in self.base_models.items():
            if name not in BASE_MODELS:
                raise ValueError(f"There is no base model {name!r}. Take of {', '.join(BASE_MODELS)}.")
            if type(options) is not BASE_MODELS[name].options_type:
                raise ValueError(f"{name} takes {BASE_MODELS[name].options_type.__name__}, not {options!r}.")
        if unknown := self.transferred - set(self.base_models):
            raise ValueError(f"transferred names {', '.join(sorted(unknown))}, not among the base models.")
        if not self.base_models or self.layers not in (1, 2) or self.prior_picks < 0:
            raise ValueError(
                f"{self.name} has {len(self.base_models)} base models, {self.layers} layers and {self.prior_picks} "
                "prior picks. It needs a base model, 1 or 2 layers, and no negative number."
            )
        object.__setattr__(self, "base_models", MappingProxyType(dict(self.base_models)))

    def __reduce__(self) -> tuple[Any, ...]:
        """How ``copy`` and ``pickle`` make another; of a MappingProxyType they cannot."""
        return partial(type(self), **vars(self) | {"base_models": dict(self.base_models)}), ()


# Its five; a base model that is added is not the paper's.
_OF_THE_PAPER = ("catboost", "random_forest", "lightgbm", "xgboost", "neural_net")

# Every base model pre-trained, two layers, and the greedy selection of Caruana et al. from nothing.
PAPER = Configuration(
    name="paper",
    base_models={name: BASE_MODELS[name].options_type() for name in _OF_THE_PAPER},
    transferred=frozenset(_OF_THE_PAPER),
    layers=2,
    standardized=True,
    prior_picks=0,
)

# docs/experiments.md holds the measurement behind each of these.
BEST = Configuration(
    name="best",
    base_models={
        "catboost": CatBoostOptions(
            pretrain_rounds=300,
            fine_tune_rounds=1000,
            max_depth=4,
            learning_rate=0.04,
            l2=5.0,
            row_share=0.7,
            column_share=0.3,
        ),
        "random_forest": ForestOptions(
            fine_tune_rounds=120, max_depth=16, min_rows_in_leaf=5, row_share=0.8, column_share=0.2
        ),
        "lightgbm": LeafBoostingOptions(
            fine_tune_rounds=1000,
            max_depth=3,
            learning_rate=0.015,
            min_rows_in_leaf=15,
            l2=5.0,
            row_share=0.7,
            column_share=0.3,
        ),
        "xgboost": LeafBoostingOptions(
            fine_tune_rounds=450, min_rows_in_leaf=8, l2=5.0, row_share=0.7, column_share=0.3
        ),
        "neural_net": NeuralNetOptions(
            members=8,
            width=128,
            dropout=0.25,
            pretrain_epochs=2,
            fine_tune_epochs=30,
            learning_rate=1.5e-3,
            fine_tune_learning_rate=1.5e-3,
            weight_decay=0.03,
        ),
    },
    transferred=frozenset({"catboost", "neural_net"}),
    layers=1,
    standardized=False,
    prior_picks=4,
)

CONFIGURATIONS = {configuration.name: configuration for configuration in (PAPER, BEST)}
