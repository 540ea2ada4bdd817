import numpy as np
import pandas as pd
import pytest

from pel.training.gate import judge, judge_alone

FILMS = 200
LABEL = np.random.default_rng(0).normal(7, 1, FILMS)
MISS = np.random.default_rng(1).normal(0, 0.6, FILMS)


def forecasts(miss: np.ndarray, width: float = 0.8) -> pd.DataFrame:
    """Forecasts that miss by so much, with ranges of so much on both sides."""
    forecast = LABEL + miss
    return pd.DataFrame({"label": LABEL, "forecast": forecast, "low": forecast - width, "high": forecast + width})


def width_that_holds(share: float) -> float:
    return float(np.quantile(np.abs(MISS), share))


def test_a_better_candidate_is_promoted() -> None:
    decision = judge(forecasts(0.5 * MISS), forecasts(MISS))
    assert decision.promoted
    assert "better than the champion" in decision.reason
    assert decision.figures["gain"] == pytest.approx(0.75 * np.mean(MISS**2))
    assert decision.figures["films"] == FILMS


def test_a_worse_candidate_is_not_promoted_however_true_its_ranges_are() -> None:
    decision = judge(forecasts(2 * MISS, 2 * width_that_holds(0.8)), forecasts(MISS, 0.01))
    assert not decision.promoted
    assert "worse than the champion" in decision.reason
    assert decision.figures["coverage"] == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(("ours", "theirs", "promoted"), [(0.8, 0.6, True), (0.8, 0.95, True), (0.6, 0.8, False)])
def test_of_two_that_are_as_good_the_one_with_truer_ranges_is_champion(
    ours: float, theirs: float, promoted: bool
) -> None:
    decision = judge(forecasts(MISS, width_that_holds(ours)), forecasts(MISS, width_that_holds(theirs)))
    assert decision.promoted is promoted
    assert "as good as the champion" in decision.reason


def test_the_champion_s_equal_does_not_take_its_place() -> None:
    assert not judge(forecasts(MISS), forecasts(MISS)).promoted


def test_a_gain_within_one_standard_error_is_none() -> None:
    """A hundredth better in the mean, for some films by much and for others worse by as much."""
    other = 0.99 * np.roll(MISS, 1)
    for one, two in [(MISS, other), (other, MISS)]:
        wide = judge(forecasts(one, 9.0), forecasts(two, 9.0))
        assert not wide.promoted
        assert "as good as" in wide.reason


def test_without_a_champion_it_is_enough_to_have_passed_the_checks() -> None:
    decision = judge_alone({"ensemble": {"mse": 0.4}, "training_mean": {"mse": 0.8}})
    assert decision.promoted
    assert "is 0.400, that of the training mean 0.800, and there is no champion" in decision.reason
    assert decision.figures == {"mse": 0.4, "mse_training_mean": 0.8}
