"""From rows of films to the matrix Z that models see: vocabulary, missing values, z-scores.

Everything is learned from the training rows alone and saved with the model.

Missing values must not tell what their presence would: that a day of release is known at all says that a film was
noted, and such films earned three times as much; those of which a company is named, ten times as much. So a film
without a place in the order of releases borrows its week and its deltas, all from one other film, drawn from the
training rows by its own number; and likewise an unknown budget, and the history of companies that nobody named. What
is missing because there was nothing to know (the track record of a newcomer) becomes the mean.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

NUMBERS = [
    "director_films",
    "director_box_office",
    "director_box_office_films",
    "director_rating",
    "cast_films",
    "cast_box_office",
    "cast_box_office_films",
    "cast_rating",
    "collection_films",
    "collection_box_office",
    "collection_box_office_films",
    "collection_rating",
    "company_films",
    "company_box_office",
    "company_box_office_films",
    "company_rating",
    "budget",
    "release_year",
    "release_week",
]
DELTAS = [f"delta_{name}" for name in NUMBERS if not name.startswith("release")] + ["delta_release_days"]

COMPANY = [name for name in NUMBERS if name.startswith("company_")]
COMPANY_DELTAS = [f"delta_{name}" for name in COMPANY]

# What a film borrows as a whole, by the column whose absence says that it has to.
BORROWED = {
    "delta_release_days": ["release_week", *(name for name in DELTAS if name not in COMPANY_DELTAS), "delta_genre"],
    "budget": ["budget"],
    "company_films": COMPANY,
    "delta_company_films": COMPANY_DELTAS,
}

# A genre with fewer films than this has no effect that could be told from chance.
MIN_GENRE_FILMS = 20
# With 1,000 lenders to 10,000 borrowers, trees told borrowed values by their repetition (AUC 0.65), with 3,000 those of
# companies still (0.60).
MAX_LENDERS = 6000


class FilmEncoder:
    """Encodes films as z-scores (eq. 3): X_t, genres as columns, and D_t.

    After ``fit``: ``columns`` names the columns of the matrix.
    """

    columns: list[str]

    def fit(self, films: pd.DataFrame) -> "FilmEncoder":
        """Learn vocabulary, lenders, means and deviations from the training rows."""
        self._genres = _vocabulary(films["genres"])
        raw = _raw(films, self._genres)
        self._lenders = {marker: _lenders(raw, marker) for marker in BORROWED}
        filled = self._fill(raw, films["film_id"].to_numpy())
        mean, deviation = filled.mean(), filled.std(ddof=0)
        self.columns = [name for name in filled.columns if deviation[name] > 0]
        self._mean = mean[self.columns].to_numpy()
        self._deviation = deviation[self.columns].to_numpy()
        return self

    def transform(self, films: pd.DataFrame) -> np.ndarray:
        """The matrix Z, (n, columns) float32, no value missing."""
        filled = self._fill(_raw(films, self._genres), films["film_id"].to_numpy())
        scores = (filled[self.columns].to_numpy() - self._mean) / self._deviation
        return np.nan_to_num(scores, nan=0.0).astype(np.float32)

    def save(self, file: Path) -> None:
        """Save to one safetensors file."""
        arrays = {"mean": self._mean, "deviation": self._deviation}
        for marker, lenders in self._lenders.items():
            arrays[f"lenders.{marker}"] = np.ascontiguousarray(lenders.to_numpy())
        save_file(arrays, file, {"names": json.dumps({"genres": self._genres, "columns": self.columns})})

    @classmethod
    def load(cls, file: Path) -> "FilmEncoder":
        """The encoder that was saved there."""
        encoder, arrays, names = cls(), load_file(file), json.loads(_metadata(file)["names"])
        encoder._genres, encoder.columns = names["genres"], names["columns"]
        encoder._mean, encoder._deviation = arrays["mean"], arrays["deviation"]
        encoder._lenders = {
            marker: pd.DataFrame(arrays[f"lenders.{marker}"], columns=_borrowed(marker, encoder._genres))
            for marker in BORROWED
        }
        return encoder

    def _fill(self, raw: pd.DataFrame, film_id: np.ndarray) -> pd.DataFrame:
        filled = raw.copy()
        for marker, lenders in self._lenders.items():
            missing = raw[marker].isna().to_numpy()
            if missing.any() and len(lenders):
                drawn = _scatter(film_id[missing]) % len(lenders)
                filled.loc[missing, lenders.columns] = lenders.to_numpy()[drawn]
        return filled


def _raw(films: pd.DataFrame, genres: list[str]) -> pd.DataFrame:
    numbers = films[[*NUMBERS, *DELTAS]].astype(float).reset_index(drop=True)
    has = _indicators(films["genres"], genres)
    gained = _indicators(films["genres_added"], genres) - _indicators(films["genres_removed"], genres)
    return pd.concat(
        [
            numbers,
            pd.DataFrame(has, columns=[f"genre {genre}" for genre in genres]),
            pd.DataFrame(gained, columns=[f"delta_genre {genre}" for genre in genres]),
        ],
        axis=1,
    )


def _vocabulary(lists: pd.Series) -> list[str]:
    counts = Counter(genre for names in lists for genre in names)
    return sorted(genre for genre, films in counts.items() if films >= MIN_GENRE_FILMS)


def _indicators(lists: pd.Series, genres: list[str]) -> np.ndarray:
    column = {genre: index for index, genre in enumerate(genres)}
    matrix = np.zeros((len(lists), len(genres)))
    for row, names in enumerate(lists):
        for genre in names:
            if genre in column:
                matrix[row, column[genre]] = 1.0
    return matrix


def _borrowed(marker: str, genres: list[str]) -> list[str]:
    """The columns that are borrowed where the marker is missing."""
    columns = [name for name in BORROWED[marker] if name != "delta_genre"]
    if "delta_genre" in BORROWED[marker]:
        columns += [f"delta_genre {genre}" for genre in genres]
    return columns


def _lenders(raw: pd.DataFrame, marker: str) -> pd.DataFrame:
    genres = [name.removeprefix("genre ") for name in raw.columns if name.startswith("genre ")]
    known = raw.loc[raw[marker].notna(), _borrowed(marker, genres)]
    places = np.unique(np.linspace(0, len(known) - 1, min(len(known), MAX_LENDERS)).astype(int))
    return known.iloc[places]


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
