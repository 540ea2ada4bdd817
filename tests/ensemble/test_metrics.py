import numpy as np
import pytest

from pel.ensemble.metrics import regression_metrics

Y = np.array([1.0, 2.0, 3.0, 6.0])


def test_a_perfect_forecast():
    assert regression_metrics(Y, Y) == {"r2": 1, "mse": 0, "mae": 0}


def test_the_mean_explains_nothing():
    assert regression_metrics(Y, np.full(4, 3.0)) == {"r2": 0, "mse": 3.5, "mae": 1.5}


def test_agrees_with_scikit_learn():
    from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

    y, prediction = np.random.default_rng(0).standard_normal((2, 50))
    assert regression_metrics(y, prediction) == pytest.approx(
        {
            "r2": r2_score(y, prediction),
            "mse": mean_squared_error(y, prediction),
            "mae": mean_absolute_error(y, prediction),
        }
    )


@pytest.mark.parametrize(
    ("y", "prediction", "message"),
    [
        ([1.0], [1.0], "at least 2 rows, not 1"),
        ([], [], "at least 2 rows, not 0"),
        ([4.0, 4.0], [4.0, 5.0], "all 2 values of y are 4"),
        ([1.0, 2.0], [1.0], "prediction must have shape"),
        ([1.0, 2.0], [1.0, np.nan], "prediction must be finite"),
    ],
)
def test_rows_that_cannot_be_measured_are_refused(y, prediction, message):
    with pytest.raises(ValueError, match=message):
        regression_metrics(y, prediction)
