"""The windows of the forward benchmark: what is learned from, and what is forecast, as matrices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.archive import Archive
from pel.features.encoder import FilmEncoder
from pel.features.films import LEAST_DOLLARS, days
from pel.features.groups import BEST

# The last is opened once, at the end: no option was chosen by it.
WINDOWS = {"2008-10": ("2008-01-01", "2011-01-01"), "2011-13": ("2011-01-01", "2014-01-01"),
           "2014-17": ("2014-01-01", "2017-08-01")}  # fmt: skip


@dataclass(frozen=True)
class Window:
    """One window.

    Attributes:
        name: Its years.
        training: Films released before it whose box office had settled by its first day.
        films: Films released in it, with a known budget and a box office, each of at least ``LEAST_DOLLARS``.
        unbudgeted: Films released in it with such a box office and no known budget.
        rated: Films whose rating was known by its first day.
    """

    name: str
    training: pd.DataFrame
    films: pd.DataFrame
    unbudgeted: pd.DataFrame
    rated: pd.DataFrame

    @classmethod
    def of(cls, archive: Archive, name: str) -> "Window":
        """The window of that name."""
        start, end = (pd.Timestamp(day) for day in WINDOWS[name])
        paid = archive.paid
        inside = (paid["released"] >= start) & (paid["released"] < end)
        rated = archive.rated[archive.rated["known_on"] <= start]
        return cls(
            name,
            paid[(paid["known_on"] <= start) & (paid["released"] < start)],
            paid[inside & (paid["budget"] >= np.log10(LEAST_DOLLARS))],
            paid[inside & paid["budget"].isna()],
            rated,
        )

    def encoder(self, groups: Sequence[str]) -> FilmEncoder:
        """An encoder that saw its training films alone."""
        return FilmEncoder(groups).fit(self.training)

    def encoded(self, groups: Sequence[str] = BEST) -> "Matrices":
        """The window as matrices."""
        encoder = self.encoder(groups)
        return Matrices(
            X=encoder.transform_training(self.training),
            X_forecast=encoder.transform(self.training),
            y=self.training["label"].to_numpy(),
            released=days(self.training["released"]),
            known_on=days(self.training["known_on"]),
            X_rated=encoder.transform_training(self.rated),
            u=self.rated["label"].to_numpy(),
            rated_known_on=days(self.rated["known_on"]),
            X_test=encoder.transform(self.films),
            y_test=self.films["label"].to_numpy(),
            X_unbudgeted=encoder.transform(self.unbudgeted),
            y_unbudgeted=self.unbudgeted["label"].to_numpy(),
        )


@dataclass(frozen=True)
class Matrices:
    """A window as ``PEL.fit`` takes it, and what it is asked to forecast."""

    X: np.ndarray
    X_forecast: np.ndarray
    y: np.ndarray
    released: np.ndarray
    known_on: np.ndarray
    X_rated: np.ndarray
    u: np.ndarray
    rated_known_on: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    X_unbudgeted: np.ndarray
    y_unbudgeted: np.ndarray

    def training(self) -> dict[str, Any]:
        """The arguments of ``PEL.fit``."""
        names = ("X", "y", "released", "known_on", "X_rated", "u", "rated_known_on", "X_forecast")
        return {name: getattr(self, name) for name in names}
