"""A fine-tuned model as one thing that predicts: encoder, base models, weights, ranges."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from pel.ensemble.arrays import Matrix, Vector, weigh_columns
from pel.ensemble.intervals import COVERAGES, Intervals
from pel.ensemble.proximity import Leaves
from pel.ensemble.registry import load
from pel.ensemble.trees import TreeModel
from pel.features.encoder import FilmEncoder
from pel.features.films import read_csv
from pel.training.artifacts import ArtifactFolder, reading
from pel.training.plan import FILMS, PART
from pel.training.registry import ModelVersion

# Where the part of a base model holds its final fit.
MODEL = "model"
# The part of a fine-tuned version that holds its base models together; each of them is a part by its name.
ENSEMBLE = "ensemble"
ENCODER = "encoder.safetensors"
DESCRIPTION = "ensemble.json"
# The folder of the pre-trained base models that the final fits started from.
RATINGS = "ratings"
HIGHEST_RATING = 10.0
# Millions of dollars.
MARKS = (10, 50, 100, 500)


class FittedEnsemble:
    """A fine-tuned model, loaded from its artifacts with every hash checked.

    Args:
        model: Its row in Postgres.
        local: An empty local folder for its files, there for as long as it is asked.

    Raises:
        ArtifactError: A file is missing, is not the one that was registered, or is of a format of another version;
            asking it for forecasts may tell so too.
    """

    def __init__(self, model: ModelVersion, local: Path) -> None:
        self._name = model.model_version
        self._artifacts = ArtifactFolder(model.artifact_url)
        self._seal = model.artifact_sha256
        self._local = local
        files = self._fetch(ENSEMBLE)
        with reading(self._name):
            description = json.loads((files / DESCRIPTION).read_text())
            self._encoder = FilmEncoder.load(files / ENCODER)
            self._weights = np.array(list(description["weights"].values()))
            self._intervals = Intervals.from_json(description["intervals"])
        folders = [self._fetch(name) for name in description["weights"]]
        with reading(self._name):
            self._models = [load(folder / MODEL) for folder in folders]
            self._ratings = [load(folder) for folder in sorted((files / RATINGS).glob("*"))]

    def forecast(self, films: pd.DataFrame) -> pd.DataFrame:
        """What it says of films, one row each in their order.

        Returns:
            ``log10_dollars``, the forecast; ``low_50`` to ``high_95``, ranges in log10 dollars that hold 50, 80 and
            95 % of films; ``passes_10m`` to ``passes_500m``, the probability of making more than that many million
            dollars; ``passes_budget``, that of making more than the budget, NaN where none is known; and ``rating``,
            0 to 10, what audiences will say: the mean of the pre-trained base models that the final fits started from.
            It is NaN for a model whose files are older than this.
        """
        with reading(self._name):
            Z = self._encoder.transform(films)
            M = self._predict(Z)
            ratings = [model.predict(Z) for model in self._ratings] or [np.full(len(films), np.nan)]
        said = {
            "log10_dollars": weigh_columns(M, self._weights),
            "rating": np.mean(ratings, axis=0).clip(0, HIGHEST_RATING),
        }
        for coverage in COVERAGES:
            low, high = self._intervals.predict(M, self._weights, coverage).T
            said |= {f"low_{coverage * 100:.0f}": low, f"high_{coverage * 100:.0f}": high}
        for mark, dollars in self._marks(films).items():
            said[f"passes_{mark}"] = self._intervals.predict_exceedance(M, self._weights, dollars)
        return pd.DataFrame(said)

    def fill(self, films: pd.DataFrame) -> pd.DataFrame:
        """The raw columns that forecasts follow from, (n, …), with what films borrow."""
        return self._encoder.fill(films)

    def predict(self, filled: pd.DataFrame) -> Vector:
        """The forecasts of raw columns as ``fill`` gives them, of a film or of none, (n,) in log10 dollars."""
        with reading(self._name):
            return weigh_columns(self._predict(self._encoder.encode(filled)), self._weights)

    def inputs(self, films: pd.DataFrame) -> Matrix:
        """The matrix Z of films to be forecast, (n, columns)."""
        with reading(self._name):
            return self._encoder.transform(films)

    def leaves(self, films: pd.DataFrame) -> list[Leaves]:
        """Of each base model that is made of trees, the leaves of the films, (n, trees) each."""
        Z = self.inputs(films)
        return [model.leaves(Z) for _, model in self._trees()]

    def tree_weights(self) -> Vector:
        """The weights of the base models that are made of trees; equal ones if none of them counts."""
        weights = np.array([weight for weight, _ in self._trees()])
        return weights if weights.any() else np.ones_like(weights)

    def training_films(self) -> pd.DataFrame:
        """The films that it was fitted on, as they were known then."""
        files = self._fetch(PART)
        with reading(self._name):
            return read_csv((files / FILMS).read_bytes())

    def _predict(self, Z: Matrix) -> Vector:
        """What each base model forecasts, (n, models) in log10 dollars. They do not wait for each other's cores."""
        with ThreadPoolExecutor(len(self._models)) as pool:
            return np.column_stack(list(pool.map(lambda model: model.predict(Z), self._models)))

    def _trees(self) -> list[tuple[float, TreeModel]]:
        pairs = zip(self._weights.tolist(), self._models, strict=True)
        return [(weight, model) for weight, model in pairs if isinstance(model, TreeModel)]

    @staticmethod
    def _marks(films: pd.DataFrame) -> dict[str, ArrayLike]:
        """Marks that users ask about, in log10 dollars."""
        millions = {f"{mark}m": np.log10(mark * 1e6) for mark in MARKS}
        return millions | {"budget": films["budget"].to_numpy(dtype=np.float64)}

    def _fetch(self, name: str) -> Path:
        return self._artifacts.get_part(name, self._local / name, self._seal)
