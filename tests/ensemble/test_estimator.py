from dataclasses import replace

import numpy as np
import pytest

from pel.ensemble import BEST, CONFIGURATIONS, PAPER, PEL, estimator, select_ensemble
from pel.ensemble.arrays import ZScore
from pel.ensemble.folds import k_folds
from pel.ensemble.layers import second_layer_fold

from .films import NAMES, mean_squared_error, small, some_films

# two fast ones, of which only the first is transferred in BEST
BOTH = {one.name: small(one, ["catboost", "xgboost"]) for one in (BEST, PAPER)}
ONE_MODEL = small(BEST, ["xgboost"])
N = 500
START = np.datetime64("2000-01-01")
CUTOFFS = START + np.array([450, 650, 850])


def history(n=N, seed=0):
    """Films two days apart, known 60 days after release, and twice as many ratings over the same years."""
    films, rated = some_films(n, seed=seed), some_films(2 * n, seed=seed + 100)
    released = START + 2 * np.arange(n)
    return {
        "X": films.Z,
        "y": films.dollars,
        "released": released,
        "known_on": released + 60,
        "X_rated": rated.Z,
        "u": rated.rating,
        "rated_known_on": START + np.arange(2 * n),
        "cutoffs": CUTOFFS,
    }


def later_films():
    films = some_films(500, seed=50)
    return films.Z, films.dollars


def forecast_in(fold):
    """Which films of the history are in the test part of that fold."""
    released = history()["released"]
    return (released >= CUTOFFS[fold]) & (released < [*CUTOFFS[1:], np.datetime64("2100-01-01")][fold])


@pytest.fixture(scope="module", params=BOTH)
def fitted(request):
    """One P-EL fitted in each configuration; tests must leave them as they are."""
    return PEL(BOTH[request.param]).fit(**history())


def test_it_is_the_best_configuration_unless_told_otherwise():
    assert PEL().configuration is BEST


@pytest.mark.parametrize("configuration", [BEST, PAPER], ids=lambda one: one.name)
def test_all_five_together_beat_the_mean_by_far(configuration):
    X, dollars = later_films()
    model = PEL(small(configuration)).fit(**history())
    assert model.predict_models(X).shape == (500, len(NAMES))
    assert model.weights_.shape == (len(NAMES),)
    assert model.weights_.sum() == pytest.approx(1)
    assert mean_squared_error(dollars, model.predict(X)) < 0.5 * dollars.var()
    low, high = model.predict_interval(X, 0.8).T
    assert 0.65 < np.mean((low <= dollars) & (dollars <= high)) < 0.95


def test_a_forecast_is_the_weighted_mean_of_the_models(fitted):
    X, _ = later_films()
    np.testing.assert_allclose(fitted.predict(X), fitted.predict_models(X) @ fitted.weights_, rtol=1e-12)


def test_a_range_surrounds_the_forecast_as_its_intervals_say(fitted):
    X, _ = later_films()
    low, high = fitted.predict_interval(X).T
    low95, high95 = fitted.predict_interval(X, 0.95).T
    assert ((low95 < low) & (low < high) & (high < high95)).all()
    M = fitted.predict_models(X)
    np.testing.assert_array_equal(
        fitted.predict_interval(X, 0.5), fitted.intervals_.predict(M, fitted.weights_, coverage=0.5)
    )
    with pytest.raises(ValueError, match="between 0 and 1"):
        fitted.predict_interval(X, 80)


def test_what_was_fitted_can_be_read_off():
    model = PEL(BOTH["best"], transfer=False).fit(**history())
    assert [fold.cutoff for fold in model.folds_] == list(CUTOFFS)
    np.testing.assert_array_equal(np.isnan(model.out_of_fold_).any(axis=1), history()["released"] < CUTOFFS[0])
    assert [one.name for one in model.first_layer_] == ["catboost", "xgboost"]
    assert (model.scaler_, model.second_layer_) == (None, [])


def test_a_second_layer_has_forecasts_from_the_second_fold_on():
    model = PEL(BOTH["paper"], transfer=False).fit(**history())
    np.testing.assert_array_equal(np.isnan(model.out_of_fold_).any(axis=1), history()["released"] < CUTOFFS[1])
    assert [one.columns for one in model.first_layer_ + model.second_layer_] == [8, 8, 8 + 2, 8 + 2]
    np.testing.assert_allclose(model.scaler_.mean, history()["X"].mean(axis=0), atol=1e-6)


def test_weights_come_from_the_folds_before_the_last_and_with_the_prior_picks(fitted):
    earlier = ~np.isnan(fitted.out_of_fold_).any(axis=1) & ~forecast_in(2)
    expected = select_ensemble(
        fitted.out_of_fold_[earlier],
        history()["y"][earlier],
        prior_picks=fitted.configuration.prior_picks,
    )
    np.testing.assert_array_equal(fitted.weights_, expected)


def test_the_same_data_gives_the_same_digits(fitted):
    X, _ = later_films()
    again = PEL(fitted.configuration).fit(**history())
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    np.testing.assert_array_equal(again.predict_interval(X), fitted.predict_interval(X))


def test_pretraining_is_the_only_difference_that_transfer_makes(fitted):
    X, _ = later_films()
    plain = PEL(fitted.configuration, transfer=False).fit(**history())
    assert not np.array_equal(plain.predict(X), fitted.predict(X))
    without_ratings = {name: value for name, value in history().items() if name not in ("X_rated", "u")}
    again = PEL(fitted.configuration, transfer=False).fit(**without_ratings)
    np.testing.assert_array_equal(again.predict(X), plain.predict(X))


@pytest.mark.parametrize("transferred", ["catboost", "xgboost"])
def test_only_those_that_the_configuration_transfers_are_pretrained(transferred):
    X, _ = later_films()
    configuration = replace(BOTH["best"], transferred=frozenset({transferred}))
    with_ratings, without = (
        PEL(configuration, transfer=transfer).fit(**history()).predict_models(X).T for transfer in (True, False)
    )
    same = [np.array_equal(*columns) for columns in zip(with_ratings, without, strict=True)]
    assert same == [name != transferred for name in configuration.base_models]


def test_where_nothing_is_transferred_no_ratings_are_needed():
    X, _ = later_films()
    without = {**history(), "X_rated": None, "u": None, "rated_known_on": None}
    assert np.isfinite(PEL(ONE_MODEL).fit(**without).predict(X)).all()


def moved(Z):
    """The same attributes on other scales."""
    return 3 + 4 * Z


@pytest.mark.parametrize("configuration", [BEST, PAPER], ids=lambda one: one.name)
def test_the_scale_of_the_attributes_matters_only_to_inputs_taken_as_they_are(configuration):
    X, _ = later_films()
    net = small(configuration, ["neural_net"])
    other = history()
    other["X"], other["X_rated"] = moved(other["X"]), moved(other["X_rated"])
    close = np.isclose(PEL(net).fit(**other).predict(moved(X)), PEL(net).fit(**history()).predict(X), atol=0.01)
    assert close.mean() == 1 if configuration.standardized else close.mean() < 0.5


@pytest.mark.parametrize(("name", "fold"), [("best", 0), ("best", 1), ("paper", 1)])
def test_nothing_later_leaks_into_the_forecasts_of_a_fold(name, fold):
    """Out-of-fold forecasts see no box office and no rating of after their fold's day, and no later film."""
    configuration = small(CONFIGURATIONS[name], ["xgboost", "neural_net"])
    changed = history()
    cutoff, end = CUTOFFS[fold], CUTOFFS[fold + 1]
    changed["y"] = changed["y"] + 5 * (changed["known_on"] > cutoff)
    changed["X"] = changed["X"] + 5 * (changed["released"] >= end)[:, None]
    changed["u"] = changed["u"] * np.where(changed["rated_known_on"] > cutoff, -1, 1)
    changed["X_rated"] = changed["X_rated"] + 5 * (changed["rated_known_on"] > cutoff)[:, None]
    before, after = (PEL(configuration).fit(**data).out_of_fold_ for data in (history(), changed))
    assert np.isfinite(before[forecast_in(fold)]).all()
    np.testing.assert_array_equal(after[forecast_in(fold)], before[forecast_in(fold)])
    assert not np.isclose(after[forecast_in(fold + 1)], before[forecast_in(fold + 1)]).any()


def test_layer_2_learns_from_forecasts_that_saw_nothing_later():
    """Layer 1's forecasts of the first fold are what layer 2 trains on."""
    seen = []
    for shift in (0, 5):
        data = history()
        data["y"] = data["y"] + shift * (data["known_on"] > CUTOFFS[0])
        data["X"] = data["X"] + shift * (data["released"] >= CUTOFFS[1])[:, None]
        data["u"] = data["u"] + shift * (data["rated_known_on"] > CUTOFFS[0])
        seen.append(_first_layer_forecasts(data)[forecast_in(0)])
    assert np.isfinite(seen[0]).all()
    np.testing.assert_array_equal(*seen)


def _first_layer_forecasts(data):
    class Recorder(PEL):
        def _fit_second_layer(self, films, M):
            self.forecasts = M
            return super()._fit_second_layer(films, M)

    return Recorder(small(PAPER, ["xgboost", "neural_net"])).fit(**data).forecasts


def test_folds_forecast_from_what_a_forecast_is_made_of(fitted):
    """X_forecast is what folds predict from; what is learned from stays X."""
    X, _ = later_films()
    shifted = history()["X"].copy()
    shifted[forecast_in(2)] += 1
    model = PEL(fitted.configuration).fit(**history(), X_forecast=shifted)
    np.testing.assert_array_equal(model.out_of_fold_[forecast_in(1)], fitted.out_of_fold_[forecast_in(1)])
    assert np.mean(model.out_of_fold_[forecast_in(2)] == fitted.out_of_fold_[forecast_in(2)]) < 0.1
    Z = X if fitted.scaler_ is None else fitted.scaler_.transform(X)
    for one, other in zip(model.first_layer_, fitted.first_layer_, strict=True):
        np.testing.assert_array_equal(one.predict(Z), other.predict(Z))
    same = PEL(fitted.configuration).fit(**history(), X_forecast=history()["X"])
    np.testing.assert_array_equal(same.predict_interval(X), fitted.predict_interval(X))


def test_layer_2_forecasts_from_what_a_forecast_is_made_of_too(monkeypatch):
    seen = []

    def recorded(M_train, Z_train, y_train, *, M_test, Z_test):
        seen.append((Z_train, Z_test))
        return second_layer_fold(M_train, Z_train, y_train, M_test=M_test, Z_test=Z_test)

    monkeypatch.setattr(estimator, "second_layer_fold", recorded)
    X = history()["X"]
    model = PEL(small(PAPER, ["xgboost"]), transfer=False).fit(**history(), X_forecast=X + 1)
    rows = forecast_in(0) & (history()["known_on"] <= CUTOFFS[1])
    scaler = ZScore.fit(X[rows])
    np.testing.assert_array_equal(seen[0][0], scaler.transform(X[rows]))
    np.testing.assert_array_equal(seen[0][1], scaler.transform(X[model.folds_[1].test] + 1))


def test_films_without_a_label_are_left_out(fitted):
    X, _ = later_films()
    more = history()
    more["X"] = np.vstack([1000 + X[:20], more["X"]])
    more["y"] = np.append(np.full(20, np.nan), more["y"])
    more["released"] = np.append(np.full(20, CUTOFFS[1]), more["released"])
    more["known_on"] = np.append(np.full(20, np.datetime64("NaT")), more["known_on"])
    again = PEL(fitted.configuration).fit(**more, X_forecast=more["X"])
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
    np.testing.assert_array_equal(again.out_of_fold_, fitted.out_of_fold_)


def test_ratings_without_a_day_are_left_out(fitted):
    X, _ = later_films()
    more = history()
    more["X_rated"] = np.vstack([more["X_rated"], X])
    more["u"] = np.append(more["u"], np.zeros(len(X)))
    more["rated_known_on"] = np.append(more["rated_known_on"], np.full(len(X), np.datetime64("NaT")))
    np.testing.assert_array_equal(PEL(fitted.configuration).fit(**more).predict(X), fitted.predict(X))


def test_cutoffs_are_chosen_where_none_are_given():
    data = history()
    del data["cutoffs"]
    model = PEL(ONE_MODEL).fit(**data)
    cutoffs = [fold.cutoff for fold in model.folds_]
    assert len(cutoffs) == 5
    assert cutoffs == sorted(cutoffs)
    assert cutoffs[-1] < data["released"].max()


def test_every_fit_is_reported():
    reports = []
    PEL(small(PAPER, ["xgboost"]), report=lambda *told: reports.append(told)).fit(**history())
    first = [(f"xgboost, {stage}", done, 4) for stage in ("pre-training", "layer 1") for done in (1, 2, 3, 4)]
    assert reports == first + [("xgboost, layer 2", done, 3) for done in (1, 2, 3)]


def test_scikit_learn_can_clone_it(fitted):
    from sklearn.base import clone

    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    assert not hasattr(copy, "weights_")
    X, _ = later_films()
    np.testing.assert_array_equal(copy.fit(**history()).predict(X), fitted.predict(X))


def test_parameters_are_what_the_constructor_takes():
    import inspect

    assert list(PEL().get_params()) == list(inspect.signature(PEL).parameters)


def test_parameters_are_set_by_name():
    model = PEL().set_params(seed=7, configuration=PAPER)
    assert (model.get_params()["seed"], model.configuration) == (7, PAPER)
    with pytest.raises(ValueError, match=r"'speed'.*configuration, transfer, seed"):
        PEL().set_params(speed=7)


@pytest.mark.parametrize("method", ["predict", "predict_interval", "predict_models"])
def test_predicting_before_fitting_is_refused(method):
    with pytest.raises(RuntimeError, match="Call fit first"):
        getattr(PEL(), method)([[1.0]])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"u": None}, "transfer=True needs X_rated, u and rated_known_on"),
        ({"rated_known_on": [START]}, "rated_known_on has shape"),
        ({"y": [1.0]}, "y has shape"),
        ({"X": np.zeros((3, 8))}, r"released has shape \(500,\), X 3 rows"),
        ({"X_forecast": np.zeros((N, 7))}, r"X_forecast has shape \(500, 7\), X \(500, 8\)"),
        ({"released": [START]}, r"released has shape \(1,\), X 500 rows"),
        ({"known_on": [START]}, r"known_on has shape \(1,\), X 500 rows"),
        ({"cutoffs": [START + 990]}, "longer history"),
        ({"cutoffs": CUTOFFS[:1]}, "longer history"),
    ],
)
@pytest.mark.parametrize("configuration", [BEST, PAPER], ids=lambda one: one.name)
def test_data_that_does_not_fit_is_refused(configuration, changed, message):
    fast = replace(small(configuration, ["xgboost"]), transferred=frozenset({"xgboost"}))
    with pytest.raises(ValueError, match=message):
        PEL(fast).fit(**{**history(), **changed})


def random_folds(n=300):
    """Films in three random folds; all of them are rated, and as many others. A fold knows no rating that it tests."""
    films, others = some_films(n), some_films(n, seed=100)
    folds = [replace(fold, rated=np.append(fold.train, n + np.arange(n))) for fold in k_folds(n, 3, seed=0)]
    X_rated, u = np.vstack([films.Z, others.Z]), np.append(films.rating, others.rating)
    return {"X": films.Z, "y": films.dollars, "X_rated": X_rated, "u": u, "folds": folds}


@pytest.mark.parametrize("configuration", BOTH.values(), ids=BOTH)
def test_random_folds_forecast_every_film_and_give_the_same_digits_again(configuration):
    X, dollars = later_films()
    model, again = (PEL(configuration).fit(**random_folds()) for _ in range(2))
    assert np.isfinite(model.out_of_fold_).all()
    assert mean_squared_error(dollars, model.predict(X)) < 0.5 * dollars.var()
    np.testing.assert_array_equal(again.out_of_fold_, model.out_of_fold_)
    np.testing.assert_array_equal(again.predict_interval(X), model.predict_interval(X))


@pytest.mark.parametrize("layer", ["only", "first"])
def test_a_fold_of_ones_own_sees_no_box_office_that_it_tests_and_no_rating_but_those_it_names(layer):
    seen, tested = [], random_folds()["folds"][1].test
    for shift in (0, 50):
        data = random_folds()
        for name in ("y", "u", "X_rated"):
            data[name] = data[name].copy()
            data[name][tested] += shift
        if layer == "first":
            seen.append(_first_layer_forecasts(data))
        else:
            seen.append(PEL(small(BEST, ["catboost", "neural_net"])).fit(**data).out_of_fold_)
    before, after = seen
    np.testing.assert_array_equal(after[tested], before[tested])
    elsewhere = np.concatenate([fold.test for fold in random_folds()["folds"][::2]])
    assert np.mean(after[elsewhere] == before[elsewhere]) < 0.1


def test_the_final_fit_on_folds_of_ones_own_starts_from_all_ratings():
    """Ratings that no fold names still count, in the models that are kept."""
    data = random_folds()
    data["folds"] = [replace(fold, rated=fold.rated[fold.rated < 300]) for fold in data["folds"]]
    changed = {**data, "u": np.append(data["u"][:300], -data["u"][300:])}
    before, after = (PEL(small(BEST, ["catboost"])).fit(**one) for one in (data, changed))
    np.testing.assert_array_equal(after.out_of_fold_, before.out_of_fold_)
    assert not np.array_equal(after.predict(data["X"]), before.predict(data["X"]))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"cutoffs": CUTOFFS}, "take the place of cutoffs"),
        ({"released": [START], "known_on": [START]}, "take the place of released, known_on"),
        ({"rated_known_on": [START]}, "take the place of rated_known_on"),
        ({"folds": None}, "needs released and known_on"),
        ({"folds": []}, "2 folds or more, not 0"),
        ({"folds": k_folds(300, 3, seed=0)}, r"folds\[0\] does not name the ratings"),
        ({"folds": k_folds(301, 3, seed=0)}, r"folds\[0\] names a row twice, or none of the 300 of X"),
        ({"folds": [replace(fold, train=fold.test) for fold in k_folds(300, 3, seed=0)]}, "names a row twice"),
        ({"u": None}, "transfer=True needs X_rated and u"),
        ({"y": np.full(300, np.nan)}, "y must be finite"),
    ],
)
def test_folds_of_ones_own_that_do_not_fit_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        PEL(BOTH["best"]).fit(**{**random_folds(), **changed})


def test_folds_of_ones_own_need_no_ratings_where_nothing_is_transferred():
    data = random_folds()
    data = {"X": data["X"], "y": data["y"], "folds": k_folds(300, 3, seed=0)}
    assert np.isfinite(PEL(BOTH["paper"], transfer=False).fit(**data).out_of_fold_).all()
