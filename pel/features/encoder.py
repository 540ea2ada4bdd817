"""From rows of films to the matrix Z that models see: columns by groups, missing values, one scale.

Everything is learned from the training rows alone and saved with the model.

Missing values must not tell what their presence would: that a day of release is known at all says that a film was
noted, and such films earned three times as much; those of which a company is named, ten times as much. So a film
without a place in the order of releases borrows what hangs on its day, all from one other film, drawn from the
training rows by its own number; and likewise one without a cast, companies, or countries and languages. What is
missing because there was nothing to know (the track record of a newcomer) is the mean among z-scores, and below
everything among normal scores.

An unknown budget is borrowed where the scale is z-scores. Among normal scores it is below everything in a row to be
learned from, so that the row teaches the rest; but that nobody filled in a budget until today knows how the film did.
So in a film to be forecast it is estimated from the other columns, as if it were known.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal, Self

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from pel.features.groups import BEST, BORROWED, FROM_BUDGET, GROUPS, columns, derive, known, raw, vocabulary
from pel.features.scales import NormalScores, ZScores

Scale = Literal["z", "normal"]
SCALES: dict[Scale, type[ZScores]] = {"z": ZScores, "normal": NormalScores}
# With 1,000 lenders to 10,000 borrowers, trees told borrowed values by their repetition (AUC 0.65), with 3,000 those of
# companies still (0.60).
MAX_LENDERS = 6000
# Pull towards the mean budget: with a few thousand budgets and some hundred columns, as good as any near it.
BUDGET_RIDGE = 50.0


class FilmEncoder:
    """Encodes films as a matrix Z of comparable columns.

    After ``fit``: ``columns`` names the columns of the matrix.

    Args:
        groups: Names of groups of columns (``GROUPS``); ``PAPER`` and ``BEST`` are two choices.
        scale: Z-scores, as in the paper, or normal scores.
    """

    columns: list[str]

    def __init__(self, groups: Sequence[str] = BEST, *, scale: Scale = "normal") -> None:
        for name in groups:
            if name not in GROUPS:
                raise ValueError(f"There is no group {name!r} of columns; there are {', '.join(GROUPS)}.")
        self.groups = tuple(name for name in GROUPS if name in groups)
        self.scale = scale

    def fit(self, films: pd.DataFrame) -> Self:
        """Learn vocabulary, lenders, scale and what a budget is estimated from, on the training rows."""
        self._words = vocabulary(films)
        rows = raw(films, self.groups, self._words)
        has = known(films)
        self._lenders = {
            what: _lenders(rows.loc[has[what], [name for name in rows.columns if name.startswith(begins)]])
            for what, begins in BORROWED.items()
            if what != "budget" or self.scale == "z"
        }
        filled = derive(self.fill(films))
        self.columns = [name for name in columns(self.groups, self._words) if filled[name].nunique() > 1]
        values = filled[self.columns].to_numpy()
        self._scaled = SCALES[self.scale].fit(values)
        budgeted = filled["budget"].notna().to_numpy()
        inputs = self._scaled.transform(values[budgeted])[:, self._tells_budgets()]
        self._budget = _ridge(inputs, filled["budget"].to_numpy()[budgeted])
        return self

    def transform(self, films: pd.DataFrame) -> np.ndarray:
        """The matrix Z of films to be forecast, (n, columns) float32, no value missing."""
        return self.encode(self.fill(films))

    def encode(self, filled: pd.DataFrame) -> np.ndarray:
        """The matrix Z of rows to be forecast, as ``fill`` gives them, (n, columns) float32, no value missing."""
        filled = derive(filled)
        scores = self._scaled.transform(filled[self.columns].to_numpy())
        unknown = filled["budget"].isna().to_numpy()
        if unknown.any() and FROM_BUDGET & set(self.columns):
            inputs = np.ascontiguousarray(scores[unknown][:, self._tells_budgets()])
            # not by @, whose last digits hang on how many films there are
            filled.loc[unknown, "budget"] = (inputs * self._budget[1:]).sum(axis=1) + self._budget[0]
            scores = self._scaled.transform(derive(filled)[self.columns].to_numpy())
        return scores.astype(np.float32)

    def transform_training(self, films: pd.DataFrame) -> np.ndarray:
        """The matrix Z of films to be learned from, (n, columns) float32, no value missing."""
        return self._scaled.transform(derive(self.fill(films))[self.columns].to_numpy()).astype(np.float32)

    def fill(self, films: pd.DataFrame) -> pd.DataFrame:
        """The raw columns of the films, (n, …), with what they borrow; NaN where there is nothing to know."""
        filled, has, film_id = raw(films, self.groups, self._words), known(films), films["film_id"].to_numpy()
        for what, lenders in self._lenders.items():
            missing = ~has[what]
            if missing.any() and len(lenders):
                drawn = _scatter(film_id[missing]) % len(lenders)
                filled.loc[missing, lenders.columns] = lenders.to_numpy()[drawn]
        return filled

    def save(self, file: Path) -> None:
        """Save to one safetensors file."""
        arrays = {"budget": self._budget}
        arrays |= {f"scale.{name}": array for name, array in asdict(self._scaled).items()}
        arrays |= {f"lenders.{what}": np.ascontiguousarray(rows.to_numpy()) for what, rows in self._lenders.items()}
        names = {
            "groups": self.groups,
            "scale": self.scale,
            "words": self._words,
            "columns": self.columns,
            "lenders": {what: list(rows.columns) for what, rows in self._lenders.items()},
        }
        save_file(arrays, file, {"names": json.dumps(names)})

    @classmethod
    def load(cls, file: Path) -> Self:
        """The encoder that was saved there."""
        arrays, names = load_file(file), json.loads(_metadata(file)["names"])
        encoder = cls(names["groups"], scale=names["scale"])
        encoder._words, encoder.columns = names["words"], names["columns"]
        encoder._budget = arrays["budget"]
        scale = {name.removeprefix("scale."): array for name, array in arrays.items() if name.startswith("scale.")}
        encoder._scaled = SCALES[encoder.scale](**scale)
        encoder._lenders = {
            what: pd.DataFrame(arrays[f"lenders.{what}"], columns=borrowed)
            for what, borrowed in names["lenders"].items()
        }
        return encoder

    def _tells_budgets(self) -> list[int]:
        """The places of the columns that an unknown budget is estimated from."""
        return [place for place, name in enumerate(self.columns) if name not in FROM_BUDGET]


def _lenders(rows: pd.DataFrame) -> pd.DataFrame:
    places = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MAX_LENDERS)).astype(int))
    return rows.iloc[places]


def _ridge(inputs: np.ndarray, budgets: np.ndarray) -> np.ndarray:
    """Intercept and coefficients, (1 + d,), of budgets (n,) on inputs (n, d); NaN without a budget."""
    if not len(budgets):
        return np.full(1 + inputs.shape[1], np.nan)
    mean = inputs.mean(axis=0)
    centred = inputs - mean
    gram = centred.T @ centred + BUDGET_RIDGE * np.eye(len(mean))
    coefficients = np.linalg.solve(gram, centred.T @ (budgets - budgets.mean()))
    return np.concatenate([[budgets.mean() - mean @ coefficients], coefficients])


def _scatter(film_id: np.ndarray) -> np.ndarray:
    """Numbers that look random, one per film and always the same for it (splitmix64)."""
    with np.errstate(over="ignore"):
        x = film_id.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def _metadata(file: Path) -> Mapping[str, str]:
    from safetensors import safe_open

    with safe_open(file, framework="numpy") as opened:
        return dict(opened.metadata())
