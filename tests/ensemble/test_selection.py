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
