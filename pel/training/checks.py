"""The quality checks: what has to be true of a candidate before it is compared with anything.

They catch what is broken, not what is weak: of two models that pass, the gate says which one publishes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pel.ensemble.arrays import Vector
from pel.training.gate import COVERAGE, Scores

# log10 dollars: films that made less than 100,000 are not learned from, and none has made 3 billion yet.
PLAUSIBLE = (3.0, 10.0)
# Of 30 films, the fewest that are held out, a true 80 % range holds fewer than 60 % in three samples of a thousand.
LEAST_COVERAGE = 0.6
# Forecasts that differ by less than 2 % are one forecast; of fewer films than these chance could make them alike.
LEAST_SPREAD = 0.01
SPREAD_FILMS = 10
# A model that was fitted on a GPU and is loaded on a CPU rounds otherwise, by thousandths; a broken file by tenths.
ROUNDING = 0.01


@dataclass(frozen=True)
class Candidate:
    """What is checked of a candidate; forecasts are log10 dollars.

    Attributes:
        held_out: Its forecasts of the held-out films, with ``label``, ``forecast``, ``low`` and ``high``.
        scores: The figures of these, and of the mean of the training films.
        upcoming: Its forecasts of the films that are upcoming, made by the model as it lies in its files.
        in_memory: Forecasts of the held-out films by the final fits before they were written to files.
        loaded: The same, by the model as it lies in its files.
    """

    held_out: pd.DataFrame
    scores: Scores
    upcoming: Vector
    in_memory: Vector
    loaded: Vector


def held_out_is_plausible(candidate: Candidate) -> bool:
    """Whether forecasts and ranges of the held-out films are numbers, in order, and such as a film can make."""
    low, forecast, high = (candidate.held_out[name].to_numpy(np.float64) for name in ("low", "forecast", "high"))
    return bool(np.isfinite([low, high]).all() and (low <= high).all() and _plausible(forecast))


def beats_the_mean(candidate: Candidate) -> bool:
    """Whether it is better than no model at all, which forecasts the mean of the training films."""
    return candidate.scores["ensemble"]["mse"] < candidate.scores["training_mean"]["mse"]


def ranges_hold(candidate: Candidate) -> bool:
    """Whether its 80 % ranges hold at least 60 % of the held-out films."""
    films = candidate.held_out
    return bool(films["label"].between(films["low"], films["high"]).mean() >= LEAST_COVERAGE)


def upcoming_is_plausible(candidate: Candidate) -> bool:
    """Whether the forecasts of upcoming films are such as a film can make, and not all alike."""
    upcoming = candidate.upcoming
    return _plausible(upcoming) and (len(upcoming) < SPREAD_FILMS or bool(upcoming.std() >= LEAST_SPREAD))


def files_hold_the_model(candidate: Candidate) -> bool:
    """Whether the model as it lies in its files forecasts what it did in memory."""
    return bool(np.allclose(candidate.loaded, candidate.in_memory, rtol=0, atol=ROUNDING))


CHECKS: dict[str, Callable[[Candidate], bool]] = {
    f"its forecasts of the held-out films are between ${10 ** PLAUSIBLE[0]:,.0f} and ${10 ** PLAUSIBLE[1]:,.0f}, "
    "and within ranges": held_out_is_plausible,
    "it is better than the training mean": beats_the_mean,
    f"its {COVERAGE:.0%} ranges hold at least {LEAST_COVERAGE:.0%} of the held-out films": ranges_hold,
    "its forecasts of upcoming films are plausible and not all alike": upcoming_is_plausible,
    "its files forecast what it did in memory": files_hold_the_model,
}


def failed_checks(candidate: Candidate) -> list[str]:
    """What is not true of it, in words."""
    return [name for name, passes in CHECKS.items() if not passes(candidate)]


def _plausible(forecasts: Vector) -> bool:
    least, most = PLAUSIBLE
    return bool(((forecasts >= least) & (forecasts <= most)).all())
