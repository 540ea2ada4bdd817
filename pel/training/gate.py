"""The gate: whether a candidate takes the champion's place.

It has to pass the quality checks. Then both are judged on the same films, the most recent that have settled, by
forecasts that were made before these came out.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from pel.ensemble.arrays import Vector

# The share of films that the ranges by which the gate judges are to hold.
COVERAGE = 0.8
# With fewer films in common, one success decides.
LEAST_FILMS = 30

# Of the held-out films, by predictor: r2, mse, mae in log10 dollars.
Scores = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Decision:
    """Whether a candidate is promoted, and why.

    Attributes:
        promoted: Whether it is.
        reason: Why, in words, with the figures.
        figures: The same figures, by name; errors are squared ones of log10 dollars.
        waits: Whether it would be promoted, and a person is asked first.
    """

    promoted: bool
    reason: str
    figures: dict[str, Any]
    waits: bool = False

    def ask_first(self) -> "Decision":
        """The same, but what would be promoted waits for a person."""
        return replace(self, promoted=False, waits=self.promoted)

    def about(self, candidate: str) -> str:
        """The decision as a sentence."""
        now = "champion" if self.promoted else "waiting for a person's approval" if self.waits else "not promoted"
        return f"{candidate} is {now}: {self.reason}"


def refuse(failed_checks: list[str], scores: Scores) -> Decision:
    """A candidate that fails a quality check is not promoted, whatever the champion is like."""
    reason = f"it failed a quality check; not so: {'; not so: '.join(failed_checks)}"
    return Decision(False, reason, {"failed_checks": failed_checks, "mse": scores["ensemble"]["mse"]})


def judge_alone(scores: Scores, why: str = "there is no champion to compare it with") -> Decision:
    """Without a champion to compare with, it is enough to have passed the checks."""
    error, without = scores["ensemble"]["mse"], scores["training_mean"]["mse"]
    reason = f"its held-out MSE (log10 dollars) is {error:.3f}, that of the training mean {without:.3f}, and {why}"
    return Decision(True, reason, {"mse": error, "mse_training_mean": without})


def judge(candidate: pd.DataFrame, champion: pd.DataFrame) -> Decision:
    """Promote if it is better by more than a standard error of the paired difference, or as good with truer ranges.

    Args:
        candidate: Its forecasts of films, with ``label``, ``forecast``, ``low`` and ``high`` in log10 dollars.
        champion: The champion's of the same films, in the same order.
    """
    gains = _errors(champion) - _errors(candidate)
    gain, noise = float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains)))
    held, held_before = _held(candidate), _held(champion)
    truer = abs(held - COVERAGE) < abs(held_before - COVERAGE)
    better, worse = gain > noise, gain < -noise
    promoted = better or (truer and not worse)
    compared = "better than" if better else "worse than" if worse else "as good as"
    reason = (
        f"on {len(gains)} films it is {compared} the champion (MSE lower by {gain:+.4f}, standard error {noise:.4f}) "
        f"and its {COVERAGE:.0%} ranges hold {held:.0%} of them, the champion's {held_before:.0%}"
    )
    figures = {"films": len(gains), "mse": float(_errors(candidate).mean()), "gain": gain, "standard_error": noise}
    return Decision(promoted, reason, figures | {"coverage": held, "champion_coverage": held_before})


def _errors(forecasts: pd.DataFrame) -> Vector:
    return (forecasts["forecast"] - forecasts["label"]).to_numpy(dtype=np.float64) ** 2


def _held(forecasts: pd.DataFrame) -> float:
    return float(forecasts["label"].between(forecasts["low"], forecasts["high"]).mean())
