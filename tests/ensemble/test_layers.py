import numpy as np

from pel.ensemble.arrays import ZScore
from pel.ensemble.layers import FoldData, TrainingData, fit_layer, second_layer_final, second_layer_fold
from pel.ensemble.registry import make

from .films import SMALL


def fold_data(films, end, columns=8, pretrained=None):
    Z = films.Z[:, :columns]
    return FoldData(Z_train=Z[:end], y_train=films.dollars[:end], Z_test=Z[end : end + 100], pretrained=pretrained)


def final_data(films, pretrained=None):
    return TrainingData(Z_train=films.Z, y_train=films.dollars, pretrained=pretrained)


def fit(name, folds, final, **how):
    return fit_layer(name, folds, final, options=SMALL[name], **how)


def test_a_layer_is_what_fitting_each_fold_by_hand_gives(films, pretrained):
    start = pretrained["xgboost"]
    fold = fold_data(films, 200, pretrained=start)
    layer = fit("xgboost", [fold], final_data(films, start), seed=2)

    by_hand = make("xgboost", seed=2, options=SMALL["xgboost"])
    by_hand.fine_tune(fold.Z_train, fold.y_train, pretrained=start)
    np.testing.assert_array_equal(layer.out_of_fold[0], by_hand.predict(fold.Z_test))
    by_hand.fine_tune(films.Z, films.dollars, pretrained=start)
    np.testing.assert_array_equal(layer.model.predict(films.Z), by_hand.predict(films.Z))


def test_a_fold_does_not_see_what_comes_after_it(films):
    folds = [fold_data(films, 200), fold_data(films, 300)]
    before = fit("lightgbm", folds, final_data(films))
    changed = films.dollars.copy()
    changed[200:] += 5
    after = fit("lightgbm", [folds[0], fold_data(films._replace(dollars=changed), 300)], final_data(films))
    np.testing.assert_array_equal(before.out_of_fold[0], after.out_of_fold[0])
    assert not np.array_equal(before.out_of_fold[1], after.out_of_fold[1])


def test_folds_may_differ_in_width(films):
    layer = fit("catboost", [fold_data(films, 200, columns=5), fold_data(films, 300, columns=8)], final_data(films))
    assert [len(predictions) for predictions in layer.out_of_fold] == [100, 100]
    assert layer.model.columns == 8


def test_a_fold_may_have_nothing_to_test(films):
    layer = fit("neural_net", [fold_data(films, 600)], final_data(films))
    assert layer.out_of_fold[0].shape == (0,)


def test_progress_is_reported_after_each_fit(films):
    reports = []
    folds = [fold_data(films, 200), fold_data(films, 300)]
    fit("random_forest", folds, final_data(films), report=lambda done, of: reports.append((done, of)))
    assert reports == [(1, 3), (2, 3), (3, 3)]


def test_layer_2_is_scaled_by_its_training_rows_and_starts_from_nothing(films):
    M = np.column_stack([films.dollars, films.rating])
    fold = second_layer_fold(M[:300], films.Z[:300], films.dollars[:300], M_test=M[300:] + 100, Z_test=films.Z[300:])
    final, scaler = second_layer_final(M[:300], films.Z[:300], films.dollars[:300])
    np.testing.assert_array_equal(fold.Z_train, final.Z_train)
    assert scaler.to_json() == ZScore.fit(M[:300]).to_json()
    np.testing.assert_array_equal(fold.Z_test[:, :2], scaler.transform(M[300:] + 100))
    assert (fold.pretrained, final.pretrained) == (None, None)
