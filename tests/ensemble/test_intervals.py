import json

import numpy as np
import pytest

from pel.ensemble.intervals import COVERAGES, LEAST, Intervals

WEIGHTS = np.array([0.5, 0.3, 0.2])
MODELS = len(WEIGHTS)


def forecasts(n, *, seed, skewed=False):
    """Predictions (n, models) and what came true (n,): the further models are apart, the more they miss."""
    rng = np.random.default_rng(seed)
    difficulty = np.exp(rng.normal(-1, 0.6, n))
    M = rng.normal(7, 0.8, n)[:, None] + difficulty[:, None] * rng.standard_normal((n, MODELS))
    noise = np.log(2) - rng.exponential(1, n) if skewed else rng.standard_normal(n)
    return M, M @ WEIGHTS + difficulty * noise


def last(n, k):
    """Marks the last k of n rows."""
    return np.arange(n) >= n - k


def fit(n=3000, calibration=1500, *, seed=0, skewed=False):
    M, y = forecasts(n, seed=seed, skewed=skewed)
    return Intervals.fit(M, WEIGHTS, y, calibration=last(n, calibration))


@pytest.fixture(scope="module")
def intervals():
    return fit()


@pytest.fixture(scope="module")
def fresh():
    return forecasts(4000, seed=1)


def covered(ranges, y):
    return float(np.mean((ranges[:, 0] <= y) & (y <= ranges[:, 1])))


@pytest.mark.parametrize("skewed", [False, True])
@pytest.mark.parametrize("coverage", COVERAGES)
def test_ranges_hold_the_share_of_fresh_films_that_they_promise(coverage, skewed):
    M, y = forecasts(4000, seed=1, skewed=skewed)
    ranges = fit(skewed=skewed).predict(M, WEIGHTS, coverage)
    assert ranges.shape == (4000, 2)
    assert covered(ranges, y) == pytest.approx(coverage, abs=0.04)


def test_ranges_are_wider_where_models_disagree(intervals, fresh):
    M, y = fresh
    low, high = intervals.predict(M, WEIGHTS, 0.8).T
    apart = M.std(axis=1)
    order = np.argsort(apart)
    assert (high - low)[order[-1000:]].mean() > 2 * (high - low)[order[:1000]].mean()
    for third in np.array_split(order, 3):
        assert covered(np.column_stack([low, high])[third], y[third]) == pytest.approx(0.8, abs=0.05)


def test_ranges_follow_the_size_of_the_forecast_too():
    """Models equally far apart, small films twice as uncertain."""
    rng = np.random.default_rng(0)
    size = rng.choice([5.0, 8.0], 2000)
    M = size[:, None] + np.array([-0.1, 0.0, 0.1])
    y = M @ WEIGHTS + np.where(size == 5, 0.6, 0.3) * rng.standard_normal(2000)
    low, high = Intervals.fit(M, WEIGHTS, y, calibration=last(2000, 1000)).predict(M, WEIGHTS, 0.8).T
    assert (high - low)[size == 5].mean() == pytest.approx(2 * (high - low)[size == 8].mean(), rel=0.2)


def test_a_larger_share_needs_a_range_around_the_smaller(intervals, fresh):
    low50, high50, low80, high80, low95, high95 = np.hstack(
        [intervals.predict(fresh[0], WEIGHTS, coverage) for coverage in (0.5, 0.8, 0.95)]
    ).T
    for one, next_one in [(low95, low80), (low80, low50), (low50, high50), (high50, high80), (high80, high95)]:
        assert (one < next_one).all()


def test_ranges_lean_to_the_side_to_which_films_miss():
    """Flops miss by more than hits: the range reaches further down than up."""
    M, _ = forecasts(100, seed=1)
    low, high = fit(skewed=True).predict(M, WEIGHTS, 0.95).T
    forecast = M @ WEIGHTS
    assert (forecast - low > 1.5 * (high - forecast)).all()
    low, high = fit().predict(M, WEIGHTS, 0.95).T
    np.testing.assert_allclose(forecast - low, high - forecast, rtol=0.25)


def test_by_how_much_the_years_of_the_calibration_were_bad_is_not_carried_over():
    M, y = forecasts(2000, seed=0)
    calibration = last(2000, 1000)
    usual = Intervals.fit(M, WEIGHTS, y, calibration=calibration)
    # moved by as much as films are difficult, in those years all alike
    scale = np.exp(np.column_stack([np.ones(2000), M @ WEIGHTS, np.log(M.std(axis=1) + LEAST)]) @ usual.difficulty)
    bad = Intervals.fit(M, WEIGHTS, np.where(calibration, y - scale, y), calibration=calibration)
    for coverage in COVERAGES:
        np.testing.assert_allclose(bad.predict(M, WEIGHTS, coverage), usual.predict(M, WEIGHTS, coverage))


@pytest.mark.parametrize("coverage", COVERAGES)
def test_a_range_holds_its_forecast(coverage):
    M, y = forecasts(2000, seed=0)
    ranges = Intervals.fit(M, WEIGHTS, y - 9, calibration=last(2000, 1000)).predict(M, WEIGHTS, coverage)
    assert covered(ranges, M @ WEIGHTS) == 1


def test_calibration_rows_alone_decide_the_quantiles():
    M, y = forecasts(600, seed=0)
    calibration = last(600, 300)
    before = Intervals.fit(M, WEIGHTS, y, calibration=calibration)
    doubled = np.where(calibration, 2 * (y - M @ WEIGHTS) + M @ WEIGHTS, y)
    after = Intervals.fit(M, WEIGHTS, doubled, calibration=calibration)
    np.testing.assert_array_equal(after.difficulty, before.difficulty)
    np.testing.assert_allclose(after.residuals, 2 * before.residuals)


def test_calibration_rows_have_no_part_in_what_difficulty_is():
    M, y = forecasts(600, seed=0)
    calibration = last(600, 300)
    before = Intervals.fit(M, WEIGHTS, y, calibration=calibration)
    moved = M + np.where(calibration, 3.0, 0.0)[:, None] * np.arange(MODELS)
    after = Intervals.fit(moved, WEIGHTS, y, calibration=calibration)
    np.testing.assert_array_equal(after.difficulty, before.difficulty)
    assert not np.allclose(after.residuals, before.residuals)


def test_earlier_rows_decide_only_what_difficulty_is():
    """Ranges are calibrated: residuals twice as large in earlier rows leave them as wide as they were."""
    M, y = forecasts(3000, seed=0)
    calibration = last(3000, 1500)
    before = Intervals.fit(M, WEIGHTS, y, calibration=calibration).predict(M, WEIGHTS, 0.8)
    doubled = np.where(calibration, y, 2 * (y - M @ WEIGHTS) + M @ WEIGHTS)
    after = Intervals.fit(M, WEIGHTS, doubled, calibration=calibration).predict(M, WEIGHTS, 0.8)
    np.testing.assert_allclose(after[:, 1] - after[:, 0], before[:, 1] - before[:, 0], rtol=0.2)


def test_quantiles_are_the_residuals_that_split_conformal_prediction_names():
    """Of 99, the 10th smallest and largest hold 80 %; the 25th 50 %; the 2nd, not the 2.5th, 95 %."""
    M = np.full((199, 1), 7.0)
    residual = np.concatenate([np.ones(100), np.random.default_rng(0).permutation(np.arange(-49.0, 50.0))])
    fitted = Intervals.fit(M, np.ones(1), M[:, 0] + residual, calibration=last(199, 99))
    ranges = {coverage: fitted.predict(M[:1], np.ones(1), coverage)[0] - 7 for coverage in COVERAGES}
    for coverage, reach in [(0.5, 25), (0.8, 40), (0.95, 48)]:
        # difficulty is 1 + LEAST for every film here, and cancels
        np.testing.assert_allclose(ranges[coverage], [-reach, reach])


@pytest.mark.parametrize("models", [1, 3])
def test_models_that_never_disagree_still_get_a_range(models):
    rng = np.random.default_rng(0)
    M = np.repeat(rng.normal(7, 1, (200, 1)), models, axis=1)
    weights = np.full(models, 1 / models)
    y = M[:, 0] + 0.3 * rng.standard_normal(200)
    low, high = Intervals.fit(M, weights, y, calibration=last(200, 100)).predict(M, weights, 0.8).T
    assert ((low < M[:, 0]) & (M[:, 0] < high) & (high - low < 3)).all()


def test_no_films_have_no_ranges(intervals):
    assert intervals.predict(np.empty((0, MODELS)), WEIGHTS, 0.8).shape == (0, 2)


@pytest.mark.parametrize("coverage", [0, 1, 80])
def test_a_coverage_that_is_no_share_is_refused(intervals, fresh, coverage):
    with pytest.raises(ValueError, match=f"between 0 and 1, such as .*, not {coverage}"):
        intervals.predict(fresh[0], WEIGHTS, coverage)


@pytest.mark.parametrize("skewed", [False, True])
def test_as_many_films_pass_a_mark_as_its_probability_says(skewed):
    M, y = forecasts(4000, seed=1, skewed=skewed)
    probability = fit(skewed=skewed).predict_exceedance(M, WEIGHTS, 7.5)
    for group in np.array_split(np.argsort(probability), 4):
        assert np.mean(y[group] > 7.5) == pytest.approx(probability[group].mean(), abs=0.05)


def test_a_mark_at_the_forecast_is_passed_by_half_and_one_at_the_end_of_a_range_by_what_the_range_leaves_out(
    intervals, fresh
):
    M, _ = fresh
    low, high = intervals.predict(M, WEIGHTS, 0.8).T
    for mark, share in [(low, 0.9), (M @ WEIGHTS, 0.5), (high, 0.1)]:
        np.testing.assert_allclose(intervals.predict_exceedance(M, WEIGHTS, mark), share, atol=0.002)


def test_the_higher_the_mark_the_fewer_pass_it_and_nothing_is_certain(intervals, fresh):
    low, middle, high = (intervals.predict_exceedance(fresh[0], WEIGHTS, mark) for mark in (-99.0, 7.0, 99.0))
    assert ((high > 0) & (high <= middle) & (middle <= low) & (low < 1)).all()
    assert (high < low).all()


def test_an_unknown_mark_has_no_probability(intervals, fresh):
    probability = intervals.predict_exceedance(fresh[0][:2], WEIGHTS, [np.nan, 7.0])
    assert np.isnan(probability).tolist() == [True, False]


def test_ranges_survive_json_to_the_last_digit(intervals, fresh):
    stored = Intervals.from_json(json.loads(json.dumps(intervals.to_json())))
    for coverage in COVERAGES:
        np.testing.assert_array_equal(
            stored.predict(fresh[0], WEIGHTS, coverage), intervals.predict(fresh[0], WEIGHTS, coverage)
        )


def test_what_came_true_must_be_known_for_every_row():
    M, y = forecasts(50, seed=0)
    with pytest.raises(ValueError, match="row 3"):
        Intervals.fit(M, WEIGHTS, np.where(np.arange(50) == 3, np.nan, y), calibration=last(50, 25))
