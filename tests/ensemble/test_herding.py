import numpy as np

from pel.ensemble.herding import herd


def test_the_mean_of_those_chosen_is_nearer_to_that_of_all_than_by_chance():
    points = np.random.default_rng(0).normal(size=(500, 6))
    far = [np.linalg.norm(points[i : i + 8].mean(axis=0) - points.mean(axis=0)) for i in range(400)]
    chosen = herd(points, 8)
    assert len(set(chosen)) == 8
    assert np.linalg.norm(points[chosen].mean(axis=0) - points.mean(axis=0)) < np.quantile(far, 0.01)


def test_the_same_points_give_the_same_rows_wherever_they_lie():
    points = np.random.default_rng(0).normal(size=(50, 3))
    np.testing.assert_array_equal(herd(points, 5), herd(points + 7, 5))


def test_of_too_few_rows_all_are_chosen():
    np.testing.assert_array_equal(herd(np.eye(3), 8), [0, 1, 2])
