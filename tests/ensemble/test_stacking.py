import numpy as np
import pytest

from pel.ensemble.arrays import ZScore
from pel.ensemble.folds import Fold
from pel.ensemble.stacking import LEAST_ROWS, concat, has_predictions, out_of_fold_matrix, second_layer_folds

M = np.array([[7.0, 6.0], [8.0, 9.0], [9.0, 6.0]])
Z = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]], dtype=np.float32)


def fold(train, test):
    return Fold(np.datetime64("2000-01-01"), np.array(train, dtype=int), np.array(test, dtype=int))


def test_layer_2_sees_the_scaled_predictions_and_then_the_input_untouched():
    scaler = ZScore.fit(M)
    Z2 = concat(M, Z, scaler)
    assert Z2.dtype == np.float32
    np.testing.assert_array_equal(Z2[:, :2], scaler.transform(M))
    np.testing.assert_array_equal(Z2[:, 2:], Z)


def test_other_rows_are_scaled_by_the_training_rows():
    np.testing.assert_allclose(concat([[10.0, 7.0]], Z[:1], ZScore.fit(M))[0, 0], (10 - 8) / M[:, 0].std(), rtol=1e-6)


def test_rows_must_match():
    with pytest.raises(ValueError, match="M has 2 rows and Z 3"):
        concat(M[:2], Z, ZScore.fit(M))


def test_out_of_fold_predictions_land_at_their_rows():
    folds = [fold([0], [2, 1]), fold([0, 1], [4])]
    placed = out_of_fold_matrix(folds, [[np.array([20.0, 10.0]), np.array([40.0])], [np.ones(2), np.ones(1)]], rows=5)
    np.testing.assert_array_equal(placed[:, 0], [np.nan, 10, 20, np.nan, 40])
    np.testing.assert_array_equal(has_predictions(placed), [False, True, True, False, True])


def test_layer_2_trains_only_on_rows_that_layer_1_predicted_out_of_fold():
    n = 4 * LEAST_ROWS
    rows = np.arange(n)
    folds = [fold(rows[: n // 4], rows[n // 4 : n // 2]), fold(rows[: n // 2], rows[n // 2 :])]
    predicted = np.full((n, 2), np.nan)
    predicted[n // 4 :] = 7.0
    (second,) = second_layer_folds(folds, predicted)
    np.testing.assert_array_equal(second.train, rows[n // 4 : n // 2])
    np.testing.assert_array_equal(second.test, folds[1].test)


def test_a_fold_with_too_few_such_rows_is_dropped():
    n = LEAST_ROWS - 1
    assert second_layer_folds([fold(range(n), [n])], np.ones((n + 1, 2))) == []
