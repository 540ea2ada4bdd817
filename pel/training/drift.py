"""Drift: whether the films to forecast are still such as the champion was made for, and its kind still as right.

Two things are measured at every look whether to fine-tune; readers see them in ``model_drift``. Each has a threshold:

- the population stability index of the main attributes, between the films that were upcoming when the champion was made
  and those that are now. Like is held against like: films of which a box office is known are of another sort;
- the error of published forecasts that came true since, against that of the champion on its held-out films.
"""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from pel.ensemble.arrays import Vector
from pel.features.films import LEAST_DOLLARS, cut
from pel.training.looks import Look
from pel.training.registry import ModelVersion, champion
from pel.training.thresholds import (
    DRIFT_DAYS,
    FORWARD_ERROR,
    HELD_OUT_YEARS,
    MIN_HELD_OUT_FILMS,
    MIN_POPULATION,
    STABILITY,
)
from pel.warehouse.connection import connect, query

# What says most about a box office (docs/model-card.md).
ATTRIBUTES = ("budget", "director_box_office", "cast_box_office", "company_box_office", "collection_box_office")
GENRES = "genres"
# Fifths: of tenths, a hundred films would hold too few for the index to say more than chance does.
BINS = 5

Population = dict[str, Any]


class Drift(NamedTuple):
    """One measure of drift.

    Attributes:
        measure: An attribute, or ``forward_error``.
        value: Population stability index; or how many times the held-out error the forward error is.
        threshold: From which value on it is drift.
        films: Films that it was measured on.
        model_version: The champion.
    """

    measure: str
    value: float
    threshold: float
    films: int
    model_version: str

    @property
    def passed(self) -> bool:
        """Whether it is drift."""
        return self.value >= self.threshold


def describe(films: pd.DataFrame) -> Population:
    """A population of films by their main attributes, as JSON can hold it: how many are in which bin."""
    bins: dict[str, list[Any]] = {name: _edges(films[name]) for name in ATTRIBUTES}
    bins[GENRES] = sorted({genre for genres in films[GENRES] for genre in genres})
    return {"films": len(films), "bins": bins, "counts": _counts(films, bins)}


def stability(before: Population, films: pd.DataFrame) -> dict[str, float]:
    """The population stability index of each main attribute, between a population and the films of now."""
    now = _counts(films, before["bins"])
    return {name: _index(np.array(before["counts"][name]), np.array(now[name])) for name in now}


def heed(look: Look, last: ModelVersion | None, as_of: date) -> Look:
    """A look with the drift that was found; drift is a reason to fine-tune, if the last time was long enough ago."""
    found = measure(as_of)
    figures = look.figures | {"drift": [drift._asdict() for drift in found]}
    passed = [drift.measure for drift in found if drift.passed]
    if look.trains or not passed or last is None or (as_of - last.as_of).days < DRIFT_DAYS:
        return replace(look, figures=figures)
    return Look(True, f"drift of {', '.join(passed)}", figures)


def measure(as_of: date) -> list[Drift]:
    """What can be measured of the drift since the champion of that date was made."""
    with connect() as connection:
        model = champion(connection, as_of)
        if model is None:
            return []
        window = {"as_of": as_of, "years": HELD_OUT_YEARS, "least_dollars": LEAST_DOLLARS}
        errors = np.array([row.error for row in query(connection, "models/forward_errors", window)])
    upcoming, before = cut("publish", as_of).films(), model.metrics.get("upcoming")
    found = []
    if before and min(len(upcoming), before["films"]) >= MIN_POPULATION:
        indices = stability(before, upcoming).items()
        found = [Drift(name, index, STABILITY, len(upcoming), model.model_version) for name, index in indices]
    if len(errors) >= MIN_HELD_OUT_FILMS:
        times = float(np.abs(errors).mean()) / model.metrics["held_out"]["scores"]["ensemble"]["mae"]
        found.append(Drift("forward_error", times, FORWARD_ERROR, len(errors), model.model_version))
    return found


def _edges(column: pd.Series) -> list[float]:
    """Where the fifths of a column's known values meet."""
    known = column.dropna().to_numpy(np.float64)
    return np.unique(np.quantile(known, np.arange(1, BINS) / BINS)).tolist() if len(known) else []


def _counts(films: pd.DataFrame, bins: dict[str, list[Any]]) -> dict[str, list[int]]:
    """Films per bin, and last those in none: of unknown value, or of a genre that there was not."""
    counts = {}
    for name in ATTRIBUTES:
        known = films[name].dropna().to_numpy(np.float64)
        filled = np.bincount(np.searchsorted(bins[name], known, side="right"), minlength=len(bins[name]) + 1)
        counts[name] = [*filled.tolist(), len(films) - len(known)]
    named = Counter(genre for genres in films[GENRES] for genre in genres)
    of_old = [named.pop(genre, 0) for genre in bins[GENRES]]
    counts[GENRES] = [*of_old, named.total()]
    return counts


def _index(before: Vector, now: Vector) -> float:
    """Sum of (q - p) log(q / p) over the shares p and q of bins, each with half a film more, for none may be empty."""
    p, q = ((counts + 0.5) / (counts + 0.5).sum() for counts in (before, now))
    return float(((q - p) * np.log(q / p)).sum())
