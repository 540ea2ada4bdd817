from itertools import pairwise

import numpy as np
import pytest

from pel.ensemble.folds import choose_cutoffs, forward_folds, k_folds


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


def a_history(n=500, seed=0):
    """Films over ten years, several a day, known half a year after release, one in ten never."""
    rng = np.random.default_rng(seed)
    released = np.datetime64("2000-01-01") + rng.integers(0, 1000, n) * 3
    known_on = released + rng.integers(0, 360, n)
    known_on[rng.random(n) < 0.1] = np.datetime64("NaT")
    return released, known_on


def history_folds():
    released, known_on = a_history()
    cutoffs = choose_cutoffs(released, known_on, holdout_start=np.datetime64("2007-01-01"))
    return released, known_on, cutoffs, forward_folds(released, known_on, cutoffs)


def test_nothing_trained_on_becomes_known_after_the_cutoff():
    _, known_on, _, folds = history_folds()
    for fold in folds:
        assert not np.isnat(known_on[fold.train]).any()
        assert (known_on[fold.train] <= fold.cutoff).all()


def test_everything_tested_is_released_on_the_cutoff_or_later():
    released, _, _, folds = history_folds()
    assert all((released[fold.test] >= fold.cutoff).all() for fold in folds)


def test_a_day_never_straddles_two_parts():
    released, _, _, folds = history_folds()
    for fold in folds:
        assert not set(released[fold.train]) & set(released[fold.test])
    for earlier, later in pairwise(folds):
        assert not set(released[earlier.test]) & set(released[later.test])


def test_every_film_from_the_first_cutoff_on_is_tested_once():
    released, _, cutoffs, folds = history_folds()
    tested = np.concatenate([fold.test for fold in folds])
    np.testing.assert_array_equal(np.sort(tested), np.flatnonzero(released >= cutoffs[0]))


def test_a_film_released_but_not_yet_known_is_in_neither_part():
    (fold,) = forward_folds(
        days("2000-01-01", "2000-05-01", "2001-01-01"),
        days("2000-06-01", "2000-12-01", "2001-06-01"),
        days("2000-07-01"),
    )
    assert (fold.train.tolist(), fold.test.tolist()) == ([0], [2])


def test_a_label_dated_before_its_release_is_not_trained_on():
    (fold,) = forward_folds(days("2000-01-01", "2001-01-01"), days("2000-02-01", "2000-02-01"), days("2000-06-01"))
    assert (fold.train.tolist(), fold.test.tolist()) == ([0], [1])


def test_a_label_known_on_the_cutoff_is_trained_on_and_a_film_released_on_it_is_tested():
    (fold,) = forward_folds(days("2000-01-01", "2000-06-01"), days("2000-06-01", "2000-06-01"), days("2000-06-01"))
    assert (fold.train.tolist(), fold.test.tolist()) == ([0], [1])


def test_a_gap_without_releases_leaves_an_empty_test_part():
    folds = forward_folds(
        days("2000-01-01", "2009-01-01"), days("2000-02-01", "2009-02-01"), days("2001-01-01", "2002-01-01")
    )
    assert [fold.test.tolist() for fold in folds] == [[], [1]]


@pytest.mark.parametrize(
    ("released", "cutoffs", "message"),
    [
        (days("2000-01-01"), days("2001-01-01", "2001-01-01"), "2001-01-01 follows 2001-01-01"),
        (days("2000-01-01"), days("2002-01-01", "2001-01-01"), "2001-01-01 follows 2002-01-01"),
        (days("2000-01-01"), days(), "at least one day"),
        (days("2000-01-01"), days("2001-01-01", "NaT"), "cutoffs holds no day at place 1"),
        (days("NaT"), days("2001-01-01"), "released holds no day at place 0"),
        (days("2000-01-01", "2000-01-02"), days("2001-01-01"), "known_on has shape"),
    ],
)
def test_wrong_days_are_refused(released, cutoffs, message):
    with pytest.raises(ValueError, match=message):
        forward_folds(released, days("2000-06-01"), cutoffs)


def test_cutoffs_step_evenly_through_what_is_known_and_end_with_the_held_out_window():
    released, known_on = a_history()
    start = np.datetime64("2007-01-01")
    cutoffs = choose_cutoffs(released, known_on, holdout_start=start, folds=4, first_share=0.4)
    known = np.sum(known_on <= start)
    shares = [np.sum(known_on <= cutoff) / known for cutoff in cutoffs]
    np.testing.assert_allclose(shares, [0.4, 0.6, 0.8, 1.0], atol=0.02)
    assert cutoffs[-1] == start


def test_cutoffs_do_not_look_past_the_held_out_window():
    released, known_on = a_history()
    start = np.datetime64("2005-01-01")
    before = known_on <= start
    np.testing.assert_array_equal(
        choose_cutoffs(released, known_on, holdout_start=start),
        choose_cutoffs(released[before], known_on[before], holdout_start=start),
    )


def test_cutoffs_that_coincide_are_merged():
    released, known_on = days(*["2000-01-01"] * 9), days(*["2000-06-01"] * 9)
    cutoffs = choose_cutoffs(released, known_on, holdout_start=np.datetime64("2001-01-01"), folds=5)
    assert cutoffs.tolist() == days("2000-06-01", "2001-01-01").tolist()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"folds": 0}, "folds .* 0"),
        ({"first_share": 1.5}, r"first_share .* 1\.5"),
        ({"holdout_start": np.datetime64("1990-01-01")}, "1990-01-01"),
    ],
)
def test_impossible_wishes_are_refused(wrong, message):
    released, known_on = a_history()
    with pytest.raises(ValueError, match=message):
        choose_cutoffs(released, known_on, **{"holdout_start": np.datetime64("2007-01-01"), **wrong})


def test_random_folds_test_every_row_once_and_train_on_the_rest():
    folds = k_folds(103, 5, seed=0)
    assert sorted(len(fold.test) for fold in folds) == [20, 20, 21, 21, 21]
    np.testing.assert_array_equal(np.sort(np.concatenate([fold.test for fold in folds])), np.arange(103))
    for fold in folds:
        np.testing.assert_array_equal(np.sort(np.append(fold.train, fold.test)), np.arange(103))
        assert np.isnat(fold.cutoff)


def test_random_folds_follow_from_their_seed_and_not_from_the_order_of_rows():
    once, again, other = (np.concatenate([fold.test for fold in k_folds(100, 4, seed=seed)]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert np.mean(once == other) < 0.2
    assert np.mean(once == np.arange(100)) < 0.2


@pytest.mark.parametrize(("rows", "folds"), [(10, 1), (10, 0), (10, 11), (0, 2)])
def test_impossible_random_folds_are_refused(rows, folds):
    with pytest.raises(ValueError, match=f"between 2 and the number of rows, not {folds} of {rows} rows"):
        k_folds(rows, folds, seed=0)
