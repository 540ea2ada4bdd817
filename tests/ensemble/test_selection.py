import numpy as np
import pytest

from pel.ensemble.selection import select_ensemble

from .films import mean_squared_error


def noisy_models(n=300, models=5, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.standard_normal(n)
    return y[:, None] + rng.standard_normal((n, models)) * np.linspace(0.5, 2.0, models), y


@pytest.mark.parametrize("seed", range(5))
def test_weights_sum_to_1_and_none_is_negative(seed):
    weights = select_ensemble(*noisy_models(seed=seed))
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rounds", [1, 2, 7, 50])
def test_the_ensemble_is_never_worse_than_the_best_single_model(seed, rounds):
    predictions, y = noisy_models(seed=seed)
    best = min(mean_squared_error(y, column) for column in predictions.T)
    weights = select_ensemble(predictions, y, rounds=rounds)
    assert mean_squared_error(y, predictions @ weights) <= best + 1e-12


def test_models_whose_errors_cancel_are_picked_over_a_better_loner():
    y = np.zeros(4)
    error = np.array([1.0, -1.0, 1.0, -1.0])
    loner = 0.9 * error
    weights = select_ensemble(np.column_stack([error, -error, loner]), y)
    assert mean_squared_error(y, np.column_stack([error, -error, loner]) @ weights) < 0.01
    assert weights[1] > 0.4


def test_one_round_picks_the_best_single_model():
    predictions, y = noisy_models()
    assert select_ensemble(predictions, y, rounds=1).tolist() == [1, 0, 0, 0, 0]


def test_of_equal_models_the_first_is_picked():
    predictions, y = noisy_models(models=1)
    assert select_ensemble(np.hstack([predictions] * 3), y).tolist() == [1, 0, 0]


def test_a_model_may_be_picked_more_than_once():
    y = np.array([0.0, 0.0])
    predictions = np.array([[1.0, -3.0], [1.0, -3.0]])
    np.testing.assert_allclose(select_ensemble(predictions, y), [0.75, 0.25])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("prior_picks", [1, 4, 40])
def test_with_prior_picks_the_ensemble_is_never_worse_than_their_mean(seed, prior_picks):
    predictions, y = noisy_models(seed=seed)
    weights = select_ensemble(predictions, y, prior_picks=prior_picks)
    assert mean_squared_error(y, predictions @ weights) <= mean_squared_error(y, predictions.mean(axis=1)) + 1e-12


def test_where_no_pick_improves_the_mean_of_the_prior_ones_it_stays():
    y, predictions = np.zeros(2), np.array([[1.0, -1.0], [1.0, -1.0]])
    assert select_ensemble(predictions, y, rounds=1, prior_picks=1).tolist() == [0.5, 0.5]


def test_prior_picks_count_as_picks():
    """The first model is right: each of the 50 rounds picks it, beside one prior pick of both."""
    y, predictions = np.zeros(2), np.array([[0.0, 1.0], [0.0, -1.0]])
    np.testing.assert_allclose(select_ensemble(predictions, y, rounds=50, prior_picks=1), [51 / 52, 1 / 52])
    np.testing.assert_allclose(select_ensemble(predictions, y, rounds=50, prior_picks=25), [0.75, 0.25])


def test_the_more_prior_picks_the_closer_are_weights_to_equal_ones():
    predictions, y = noisy_models()
    weights = [select_ensemble(predictions, y, prior_picks=prior_picks) for prior_picks in (0, 4, 40, 4000)]
    distances = [np.abs(one - 1 / 5).max() for one in weights]
    assert distances == sorted(distances, reverse=True)
    assert distances[0] > 0.2
    assert 0 < distances[-1] < 0.01


@pytest.mark.parametrize(
    ("predictions", "rounds", "message"),
    [
        (np.empty((0, 3)), 5, r"\(0, 3\)"),
        (np.zeros(3), 5, r"\(3,\)"),
        (np.full((3, 2), np.nan), 5, "finite"),
        (np.zeros((3, 2)), 0, "rounds .* 0"),
        (np.zeros((4, 2)), 5, r"y must have shape \(4,\)"),
    ],
)
def test_impossible_inputs_are_refused(predictions, rounds, message):
    with pytest.raises(ValueError, match=message):
        select_ensemble(predictions, np.zeros(3), rounds=rounds)


def test_a_negative_number_of_prior_picks_is_refused():
    with pytest.raises(ValueError, match="prior_picks 0 or more, not -1"):
        select_ensemble(np.zeros((3, 2)), np.zeros(3), prior_picks=-1)
