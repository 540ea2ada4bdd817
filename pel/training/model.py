"""A fine-tuned model as one thing that predicts: encoder, base models, weights, ranges."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from pel.ensemble.arrays import Vector
from pel.ensemble.intervals import Intervals
from pel.ensemble.registry import load
from pel.features.encoder import FilmEncoder
from pel.training.artifacts import ArtifactFolder
from pel.training.registry import ModelVersion

# The part of a fine-tuned version that holds its base models together; each of them is a part by its name.
ENSEMBLE = "ensemble"
ENCODER = "encoder.safetensors"
DESCRIPTION = "ensemble.json"


class FittedEnsemble:
    """A fine-tuned model, loaded from its artifacts with every hash checked.

    Args:
        model: Its row in Postgres.
        local: An empty local folder for its files.

    Raises:
        ArtifactError: A file is missing or is not the one that was registered.
    """

    def __init__(self, model: ModelVersion, local: Path) -> None:
        self._artifacts = ArtifactFolder(model.artifact_url)
        self._seal = model.artifact_sha256
        files = self._fetch(ENSEMBLE, local)
        description = json.loads((files / DESCRIPTION).read_text())
        self._encoder = FilmEncoder.load(files / ENCODER)
        self._weights = np.array(list(description["weights"].values()))
        self._intervals = Intervals.from_json(description["intervals"])
        self._models = [load(self._fetch(name, local) / "model") for name in description["weights"]]

    def predict(self, films: pd.DataFrame) -> Vector:
        """Predicted box office of the films, (n,) in log10 dollars."""
        return self._predict_models(films) @ self._weights

    def predict_interval(self, films: pd.DataFrame, coverage: float) -> Vector:
        """Ranges, (n, 2) in log10 dollars, which hold that share of films: 0.5, 0.8 or 0.95."""
        return self._intervals.predict(self._predict_models(films), self._weights, coverage)

    def _predict_models(self, films: pd.DataFrame) -> Vector:
        Z = self._encoder.transform(films)
        return np.column_stack([model.predict(Z) for model in self._models])

    def _fetch(self, name: str, local: Path) -> Path:
        return self._artifacts.get_part(name, local / name, self._seal)
