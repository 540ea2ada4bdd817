import numpy as np
import pytest

from pel.ensemble import PEL

from .films import NAMES, mean_squared_error, some_films

TREES_ONLY = ("lightgbm", "xgboost")  # the two fastest
N = 500
START = np.datetime64("2000-01-01")
CUTOFFS = START + np.array([450, 650, 850])


def history(n=N, seed=0):
    """Films two days apart, known 60 days after release, and twice as many ratings over the same years."""
    films, rated = some_films(n, seed=seed), some_films(2 * n, seed=seed + 100)
    released = START + 2 * np.arange(n)
    return {
        "X": 3 + 10 * films.Z,
        "y": films.dollars,
        "released": released,
        "known_on": released + 60,
        "X_rated": 3 + 10 * rated.Z,
        "u": rated.rating,
        "rated_known_on": START + np.arange(2 * n),
        "cutoffs": CUTOFFS,
    }


def later_films():
    films = some_films(500, seed=50)
    return 3 + 10 * films.Z, films.dollars


@pytest.fixture(scope="module")
def fitted():
    return PEL(TREES_ONLY).fit(**history())


def test_all_five_together_beat_the_mean_by_far():
    X, dollars = later_films()
    model = PEL().fit(**{**history(), "cutoffs": CUTOFFS[[0, 2]]})
    assert list(model.base_models) == NAMES
    assert model.weights_.sum() == pytest.approx(1)
    assert mean_squared_error(dollars, model.predict(X)) < 0.5 * dollars.var()


def test_the_same_data_gives_the_same_digits(fitted):
    X, _ = later_films()
    np.testing.assert_array_equal(PEL(TREES_ONLY).fit(**history()).predict(X), fitted.predict(X))


def test_pretraining_is_the_only_difference_that_transfer_makes(fitted):
    X, _ = later_films()
    plain = PEL(TREES_ONLY, transfer=False).fit(**history())
    assert not np.array_equal(plain.predict(X), fitted.predict(X))
    without_ratings = {name: value for name, value in history().items() if name not in ("X_rated", "u")}
    again = PEL(TREES_ONLY, transfer=False).fit(**without_ratings)
    np.testing.assert_array_equal(again.predict(X), plain.predict(X))


def test_the_scale_of_the_attributes_does_not_matter(fitted):
    X, _ = later_films()
    stretched = history()
    stretched["X"], stretched["X_rated"] = 4 * stretched["X"], 4 * stretched["X_rated"]
    np.testing.assert_allclose(PEL(TREES_ONLY).fit(**stretched).predict(4 * X), fitted.predict(X), rtol=1e-6)


def test_what_lies_after_the_last_fold_does_not_move_the_forecasts_before_it():
    """Layer 1's out-of-fold forecasts of the first fold see no later box office, no later ratings, no later films."""
    seen = []
    for shift in (0, 5):
        data = history()
        data["y"] = data["y"] + shift * (data["known_on"] > CUTOFFS[0])
        data["X"] = data["X"] + shift * (data["released"] >= CUTOFFS[1])[:, None]
        data["u"] = data["u"] + shift * (data["rated_known_on"] > CUTOFFS[0])
        data["X_rated"] = data["X_rated"] + shift * (data["rated_known_on"] > CUTOFFS[0])[:, None]
        seen.append(_first_forecasts(data))
    np.testing.assert_array_equal(*seen)


def _first_forecasts(data):
    class Recorder(PEL):
        def _fit_second_layer(self, films, M, folds):
            self.forecasts = M

    tested = (data["released"] >= CUTOFFS[0]) & (data["released"] < CUTOFFS[1])
    forecasts = Recorder(("xgboost", "neural_net")).fit(**data).forecasts[tested]
    assert np.isfinite(forecasts).all()
    return forecasts


def test_films_without_a_label_are_left_out(fitted):
    X, _ = later_films()
    more = history()
    more["X"] = np.vstack([more["X"], 1000 + X[:20]])
    more["y"] = np.append(more["y"], np.full(20, np.nan))
    more["released"] = np.append(more["released"], np.full(20, CUTOFFS[1]))
    more["known_on"] = np.append(more["known_on"], np.full(20, np.datetime64("NaT")))
    np.testing.assert_array_equal(PEL(TREES_ONLY).fit(**more).predict(X), fitted.predict(X))


def test_cutoffs_are_chosen_where_none_are_given():
    data = history()
    del data["cutoffs"]
    model = PEL(("lightgbm",), transfer=False).fit(**data)
    assert len(model.cutoffs_) == 5
    assert model.cutoffs_[-1] < data["released"].max()


def test_scikit_learn_can_clone_it(fitted):
    from sklearn.base import clone

    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "weights_")


def test_parameters_are_set_by_name():
    assert PEL().set_params(seed=7).get_params()["seed"] == 7
    with pytest.raises(ValueError, match="'speed'"):
        PEL().set_params(speed=7)


def test_predicting_before_fitting_is_refused():
    with pytest.raises(RuntimeError, match="Call fit first"):
        PEL().predict([[1.0]])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"u": None}, "transfer=True needs X_rated, u and rated_known_on"),
        ({"rated_known_on": [START]}, "rated_known_on has shape"),
        ({"y": [1.0]}, "y has shape"),
        ({"cutoffs": [START + 990]}, "longer history"),
    ],
)
def test_data_that_does_not_fit_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        PEL(("lightgbm",)).fit(**{**history(), **changed})
