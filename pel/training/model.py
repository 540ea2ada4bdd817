"""A fine-tuned model as one thing that predicts: encoder, base models, weights, ranges."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from pel.ensemble.intervals import COVERAGES, Intervals
from pel.ensemble.registry import load
from pel.features.encoder import FilmEncoder
from pel.training.artifacts import ArtifactFolder, reading
from pel.training.registry import ModelVersion

# Where the part of a base model holds its final fit.
MODEL = "model"
# The part of a fine-tuned version that holds its base models together; each of them is a part by its name.
ENSEMBLE = "ensemble"
ENCODER = "encoder.safetensors"
DESCRIPTION = "ensemble.json"
# Millions of dollars.
MARKS = (10, 50, 100, 500)


class FittedEnsemble:
    """A fine-tuned model, loaded from its artifacts with every hash checked.

    Args:
        model: Its row in Postgres.
        local: An empty local folder for its files.

    Raises:
        ArtifactError: A file is missing, is not the one that was registered, or is of a format of another version;
            asking it for forecasts may tell so too.
    """

    def __init__(self, model: ModelVersion, local: Path) -> None:
        self._name = model.model_version
        self._artifacts = ArtifactFolder(model.artifact_url)
        self._seal = model.artifact_sha256
        files = self._fetch(ENSEMBLE, local)
        with reading(self._name):
            description = json.loads((files / DESCRIPTION).read_text())
            self._encoder = FilmEncoder.load(files / ENCODER)
            self._weights = np.array(list(description["weights"].values()))
            self._intervals = Intervals.from_json(description["intervals"])
        folders = [self._fetch(name, local) for name in description["weights"]]
        with reading(self._name):
            self._models = [load(folder / MODEL) for folder in folders]

    def forecast(self, films: pd.DataFrame) -> pd.DataFrame:
        """What it says of films, one row each in their order.

        Returns:
            ``log10_dollars``, the forecast; ``low_50`` to ``high_95``, ranges in log10 dollars that hold 50, 80 and
            95 % of films; ``passes_10m`` to ``passes_500m``, the probability of making more than that many million
            dollars; and ``passes_budget``, that of making more than the budget, NaN where none is known.
        """
        with reading(self._name):
            Z = self._encoder.transform(films)
            M = np.column_stack([model.predict(Z) for model in self._models])
        said = {"log10_dollars": M @ self._weights}
        for coverage in COVERAGES:
            low, high = self._intervals.predict(M, self._weights, coverage).T
            said |= {f"low_{coverage * 100:.0f}": low, f"high_{coverage * 100:.0f}": high}
        for mark, dollars in self._marks(films).items():
            said[f"passes_{mark}"] = self._intervals.predict_exceedance(M, self._weights, dollars)
        return pd.DataFrame(said)

    @staticmethod
    def _marks(films: pd.DataFrame) -> dict[str, ArrayLike]:
        """Marks that users ask about, in log10 dollars."""
        millions = {f"{mark}m": np.log10(mark * 1e6) for mark in MARKS}
        return millions | {"budget": films["budget"].to_numpy(dtype=np.float64)}

    def _fetch(self, name: str, local: Path) -> Path:
        return self._artifacts.get_part(name, local / name, self._seal)
