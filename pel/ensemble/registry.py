"""The base models by name, in the paper's order."""

from pathlib import Path

from pel.ensemble.base import BaseModel, read_description
from pel.ensemble.catboost_model import CatBoost
from pel.ensemble.lightgbm_model import LightGBM
from pel.ensemble.neural_net import NeuralNet
from pel.ensemble.options import Options
from pel.ensemble.random_forest_model import RandomForest
from pel.ensemble.xgboost_model import XGBoost

BASE_MODELS: dict[str, type[BaseModel]] = {
    model.name: model for model in (CatBoost, RandomForest, LightGBM, XGBoost, NeuralNet)
}

# The tree models fit thousands of rows in a second or two on a CPU, and boosting on a GPU is not reproducible.
GPU_MODELS = frozenset({"neural_net"})


def make(
    name: str, *, seed: int = 0, threads: int = 1, device: str = "cpu", options: Options | None = None
) -> BaseModel:
    """A new base model; raises ValueError for a name that is none of ``BASE_MODELS``."""
    return _kind(name)(seed=seed, threads=threads, device=device, options=options)


def load(folder: Path, *, threads: int = 1, device: str = "cpu") -> BaseModel:
    """The base model saved in ``folder``, whichever kind it is."""
    return _kind(read_description(folder)["name"]).load(folder, threads=threads, device=device)


def _kind(name: str) -> type[BaseModel]:
    if name not in BASE_MODELS:
        raise ValueError(f"There is no base model {name!r}. Take one of {', '.join(BASE_MODELS)}.")
    return BASE_MODELS[name]
