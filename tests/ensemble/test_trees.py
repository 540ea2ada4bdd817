from dataclasses import replace

import numpy as np
import pytest

from pel.ensemble.registry import make
from pel.ensemble.trees import align

from .films import SMALL, TREES

LINE = np.array([0.0, 1.0, 2.0, 3.0])


def without_fine_tuning(name):
    return replace(SMALL[name], fine_tune_rounds=0)


@pytest.mark.parametrize("name", TREES)
def test_with_zero_rounds_a_model_is_its_aligned_pretrained_self(name, films, pretrained):
    rows = slice(0, 150)
    model = make(name, options=without_fine_tuning(name))
    model.fine_tune(films.Z[rows], films.dollars[rows], pretrained=pretrained[name])

    before = pretrained[name].predict(films.Z)
    slope, intercept = np.polyfit(before[rows], films.dollars[rows], 1)
    np.testing.assert_allclose(model.predict(films.Z), intercept + slope * before, rtol=1e-9)


@pytest.mark.parametrize("name", TREES)
def test_new_trees_add_to_the_aligned_pretrained_self(name, films, pretrained):
    aligned = make(name, options=without_fine_tuning(name))
    tuned = make(name, options=SMALL[name])
    for model in (aligned, tuned):
        model.fine_tune(films.Z, films.dollars, pretrained=pretrained[name])
    residual = films.dollars - aligned.predict(films.Z)
    added = tuned.predict(films.Z) - aligned.predict(films.Z)
    assert np.corrcoef(residual, added)[0, 1] > 0.5


@pytest.mark.parametrize("name", TREES)
def test_with_zero_rounds_and_nothing_to_start_from_a_model_is_the_mean(name, films):
    model = make(name, options=without_fine_tuning(name)).fine_tune(films.Z, films.dollars, pretrained=None)
    np.testing.assert_allclose(model.predict(films.Z), films.dollars.mean())


@pytest.mark.parametrize("name", TREES)
def test_predictions_follow_the_scale_of_the_target(name, films):
    def predict(target):
        return make(name, options=SMALL[name]).fine_tune(films.Z, target, pretrained=None).predict(films.Z)

    np.testing.assert_allclose(predict(100 + 50 * films.dollars), 100 + 50 * predict(films.dollars), rtol=1e-3)


@pytest.mark.parametrize("name", ["random_forest", "lightgbm"])
def test_predictions_do_not_depend_on_threads(name, films):
    one, two = (
        make(name, options=SMALL[name], threads=threads).fine_tune(films.Z, films.dollars, pretrained=None)
        for threads in (1, 2)
    )
    np.testing.assert_array_equal(one.predict(films.Z), two.predict(films.Z))


@pytest.mark.parametrize(
    ("start", "target", "line"),
    [
        (LINE, 5 + 2 * LINE, (5.0, 2.0)),
        (LINE, 5 - 2 * LINE, (5.0, -2.0)),
        (np.ones(4), LINE, (1.5, 0.0)),
    ],
)
def test_alignment_is_the_least_squares_line(start, target, line):
    np.testing.assert_allclose(align(start, target), line, atol=1e-12)
