import json

import numpy as np
import pytest

from pel.ensemble.arrays import ZScore, as_matrix, as_vector


def test_z_scores_of_the_fitted_rows_have_mean_0_and_deviation_1():
    X = np.array([[1.0, 10.0], [2.0, 30.0], [6.0, 20.0]])
    Z = ZScore.fit(X).transform(X)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(Z.std(axis=0), 1, atol=1e-6)


def test_other_rows_are_scored_by_the_statistics_of_the_fitted_ones():
    scaler = ZScore.fit([[0.0], [2.0]])
    np.testing.assert_allclose(scaler.transform([[5.0]]), [[4.0]])


def test_a_constant_column_becomes_zero_and_stays_finite():
    scaler = ZScore.fit([[3.0], [3.0]])
    np.testing.assert_array_equal(scaler.transform([[3.0], [4.0]]), [[0.0], [1.0]])


def test_z_scores_survive_json_to_the_last_digit():
    X = np.random.default_rng(0).standard_normal((20, 3))
    scaler = ZScore.fit(X)
    stored = ZScore.from_json(json.loads(json.dumps(scaler.to_json())))
    np.testing.assert_array_equal(stored.transform(X), scaler.transform(X))


def test_another_number_of_columns_is_refused():
    with pytest.raises(ValueError, match="Fitted on 1 columns, but given 2"):
        ZScore.fit([[0.0], [2.0]]).transform([[1.0, 2.0]])


def test_no_rows_have_no_statistics():
    with pytest.raises(ValueError, match="no rows"):
        ZScore.fit(np.empty((0, 3)))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_values_that_are_missing_are_refused_by_place(wrong):
    with pytest.raises(ValueError, match="X must be finite; column 1"):
        as_matrix([[0.0, 1.0], [2.0, wrong]], "X")
    with pytest.raises(ValueError, match=f"y must be finite; row 1 is {wrong}"):
        as_vector([0.0, wrong], "y", rows=2)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"X must have two dimensions .* \(3,\)"):
        as_matrix([1.0, 2.0, 3.0], "X")
    with pytest.raises(ValueError, match=r"y must have shape \(2,\)"):
        as_vector([1.0, 2.0, 3.0], "y", rows=2)
