"""A fine-tuned model as one thing that predicts: encoder, two layers of base models, weights."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from pel.ensemble.arrays import Matrix, Vector, ZScore
from pel.ensemble.registry import BASE_MODELS, load
from pel.ensemble.stacking import concat
from pel.features.encoder import FilmEncoder
from pel.training.artifacts import ArtifactFolder
from pel.training.registry import ModelVersion

# Parts of a fine-tuned version: the base models of each layer, and in the part ENSEMBLE what holds them together.
ENSEMBLE = "ensemble"
ENCODER = "encoder.safetensors"
DESCRIPTION = "ensemble.json"


def part(layer: int, name: str) -> str:
    """Where a fine-tuned version keeps a base model of a layer."""
    return f"layer_{layer}/{name}"


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
        self._scaler = ZScore.from_json(description["scaler"])
        self._weights = np.array([description["weights"][name] for name in BASE_MODELS])
        self._layers = [
            [load(self._fetch(part(layer, name), local) / "model") for name in BASE_MODELS] for layer in (1, 2)
        ]

    def predict(self, films: pd.DataFrame) -> Vector:
        """Predicted box office of the films, (n,) in log10 dollars."""
        Z = self._encoder.transform(films)
        Z2 = concat(self._predictions(0, Z), Z, self._scaler)
        return self._predictions(1, Z2) @ self._weights

    def _predictions(self, layer: int, Z: Matrix) -> np.ndarray:
        return np.column_stack([model.predict(Z) for model in self._layers[layer]])

    def _fetch(self, name: str, local: Path) -> Path:
        return self._artifacts.get_part(name, local / name, self._seal)
