from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pel.training.checks import CHECKS, LEAST_COVERAGE, Candidate, failed_checks

FILMS = 200
LABEL = np.random.default_rng(0).normal(7, 1, FILMS)
FORECAST = LABEL + np.random.default_rng(1).normal(0, 0.5, FILMS)
FAR_OFF, MEAN, RANGES, UPCOMING, FILES = CHECKS

GOOD = Candidate(
    held_out=pd.DataFrame({"label": LABEL, "forecast": FORECAST, "low": FORECAST - 0.6, "high": FORECAST + 0.6}),
    scores={"ensemble": {"mse": 0.25}, "training_mean": {"mse": 1.0}},
    upcoming=FORECAST[:50],
    in_memory=FORECAST,
    loaded=FORECAST,
)


def with_ranges(width: float) -> pd.DataFrame:
    return GOOD.held_out.assign(low=FORECAST - width, high=FORECAST + width)


def holds(share: float) -> float:
    return float(np.quantile(np.abs(LABEL - FORECAST), share))


def with_one(values: np.ndarray, value: float) -> np.ndarray:
    return np.append(values[:-1], value)


def test_a_sound_candidate_passes_every_check() -> None:
    assert failed_checks(GOOD) == []


@pytest.mark.parametrize("forecast", [np.nan, np.inf, 2.9, 10.1])
def test_a_held_out_forecast_that_no_film_can_make_fails(forecast: float) -> None:
    held_out = GOOD.held_out.assign(forecast=with_one(FORECAST, forecast))
    assert failed_checks(replace(GOOD, held_out=held_out)) == [FAR_OFF]


@pytest.mark.parametrize("column", ["low", "high"])
def test_a_range_without_an_end_fails(column: str) -> None:
    held_out = GOOD.held_out.assign(**{column: with_one(GOOD.held_out[column].to_numpy(), np.nan)})
    assert failed_checks(replace(GOOD, held_out=held_out)) == [FAR_OFF]


@pytest.mark.parametrize(("mse", "fails"), [(0.999, []), (1.0, [MEAN]), (1.1, [MEAN]), (np.nan, [MEAN])])
def test_it_has_to_be_better_than_the_mean(mse: float, fails: list[str]) -> None:
    scores = {"ensemble": {"mse": mse}, "training_mean": {"mse": 1.0}}
    assert failed_checks(replace(GOOD, scores=scores)) == fails


def test_ranges_that_hold_far_fewer_films_than_they_say_fail() -> None:
    assert failed_checks(replace(GOOD, held_out=with_ranges(holds(LEAST_COVERAGE - 0.05)))) == [RANGES]
    assert failed_checks(replace(GOOD, held_out=with_ranges(holds(LEAST_COVERAGE + 0.05)))) == []


@pytest.mark.parametrize("forecast", [np.nan, -np.inf, 2.9, 10.1])
def test_a_forecast_of_an_upcoming_film_that_no_film_can_make_fails(forecast: float) -> None:
    assert failed_checks(replace(GOOD, upcoming=with_one(GOOD.upcoming, forecast))) == [UPCOMING]


def test_upcoming_films_that_are_all_alike_fail_unless_they_are_few() -> None:
    assert failed_checks(replace(GOOD, upcoming=np.full(50, 7.5))) == [UPCOMING]
    assert failed_checks(replace(GOOD, upcoming=np.full(3, 7.5))) == []
    assert failed_checks(replace(GOOD, upcoming=np.empty(0))) == []


@pytest.mark.parametrize(("by", "fails"), [(0.001, []), (0.1, [FILES]), (np.nan, [FILES])])
def test_a_model_that_was_not_written_as_it_was_fails(by: float, fails: list[str]) -> None:
    assert failed_checks(replace(GOOD, loaded=with_one(FORECAST, FORECAST[-1] + by))) == fails
