from dataclasses import replace

import numpy as np
import pytest

from pel.ensemble.configuration import BEST, PAPER
from pel.ensemble.folds import Fold
from pel.ensemble.intervals import Intervals
from pel.ensemble.selection import select_ensemble
from pel.ensemble.weighing import LEAST_ROWS, weigh

FIRST, MIDDLE, LAST = slice(100, 200), slice(200, 300), slice(300, 400)
N = 400


def folds(*tested):
    rows = np.arange(N)
    tested = tested or (FIRST, MIDDLE, LAST)
    return [Fold(np.datetime64("2000-01-01") + test.start, rows[: test.start], rows[test]) for test in tested]


def predictions(models=4, seed=0):
    """Out-of-fold predictions (400, models), none for the first hundred, and what came true (400,)."""
    rng = np.random.default_rng(seed)
    y = rng.normal(7, 1, N)
    M = y[:, None] + rng.standard_normal((N, models)) * np.linspace(0.3, 0.6, models)
    M[:100] = np.nan
    return M, y


def test_weights_are_those_of_every_fold_but_the_last():
    M, y = predictions()
    np.testing.assert_array_equal(weigh(PAPER, folds(), M, y).weights, select_ensemble(M[100:300], y[100:300]))


def test_the_configuration_says_how_far_weights_are_drawn_to_equal_ones():
    M, y = predictions()
    expected = select_ensemble(M[100:300], y[100:300], prior_picks=7)
    weights = weigh(replace(BEST, prior_picks=7), folds(), M, y).weights
    np.testing.assert_array_equal(weights, expected)
    assert not np.array_equal(weights, weigh(replace(BEST, prior_picks=0), folds(), M, y).weights)


def test_the_last_fold_moves_the_ranges_but_no_weight():
    M, y = predictions()
    before = weigh(BEST, folds(), M, y)
    y[LAST] += np.random.default_rng(1).normal(0, 3, 100)
    after = weigh(BEST, folds(), M, y)
    np.testing.assert_array_equal(after.weights, before.weights)
    np.testing.assert_array_equal(after.intervals.difficulty, before.intervals.difficulty)
    assert not np.allclose(after.intervals.residuals, before.intervals.residuals)


def test_earlier_folds_move_the_weights():
    M, y = predictions()
    before = weigh(BEST, folds(), M, y).weights
    M[MIDDLE, 0] += 5
    assert weigh(BEST, folds(), M, y).weights[0] < before[0]


def test_ranges_are_calibrated_on_the_last_fold_for_these_weights():
    M, y = predictions()
    weighing = weigh(BEST, folds(), M, y)
    expected = Intervals.fit(M[100:], weighing.weights, y[100:], calibration=np.arange(300) >= 200)
    assert weighing.intervals.to_json() == expected.to_json()


def test_a_film_that_any_model_left_out_is_not_used():
    M, y = predictions()
    before = weigh(BEST, folds(), M, y)
    holed, moved = np.vstack([M, M[:40]]), np.append(y, np.full(40, 1e6))
    holed[N:] = 7.0
    holed[N:, 2] = np.nan
    more = folds()
    more[-1] = replace(more[-1], test=np.append(more[-1].test, np.arange(N, N + 20)))
    after = weigh(BEST, more, holed, moved)
    np.testing.assert_array_equal(after.weights, before.weights)
    assert after.intervals.to_json() == before.intervals.to_json()


@pytest.mark.parametrize(
    ("before", "last", "allowed"),
    [
        (LEAST_ROWS, LEAST_ROWS, True),
        (LEAST_ROWS - 1, LEAST_ROWS, False),
        (LEAST_ROWS, LEAST_ROWS - 1, False),
        (0, 100, False),
        (100, 0, False),
    ],
)
def test_too_few_films_are_refused_by_number(before, last, allowed):
    M, y = predictions()
    M[100 + before : 200] = np.nan
    M[200 + last :] = np.nan
    two = folds(FIRST, slice(200, 400))
    if allowed:
        assert weigh(BEST, two, M, y).weights.sum() == pytest.approx(1)
        return
    with pytest.raises(ValueError, match=rf"need {LEAST_ROWS} films .* not {last} and {before}\..*longer history"):
        weigh(BEST, two, M, y)
