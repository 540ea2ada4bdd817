from itertools import permutations

import numpy as np
import pytest

from pel.ensemble.shapley import members, shapley_values

PLAYERS = 5


@pytest.fixture
def games():
    """What coalitions reach in seven games of five players."""
    return np.random.default_rng(0).normal(size=(7, 2**PLAYERS))


def number(coalition):
    return sum(2**player for player in coalition)


def test_they_are_the_mean_contribution_over_all_orders_of_joining(games):
    expected = np.zeros((7, PLAYERS))
    orders = list(permutations(range(PLAYERS)))
    for order in orders:
        for place, player in enumerate(order):
            before, after = number(order[:place]), number(order[: place + 1])
            expected[:, player] += (games[:, after] - games[:, before]) / len(orders)
    np.testing.assert_allclose(shapley_values(games), expected)


def test_they_add_up_to_what_all_reach_together(games):
    np.testing.assert_allclose(shapley_values(games).sum(axis=1), games[:, -1] - games[:, 0])


def test_players_who_are_worth_the_same_to_every_coalition_get_the_same():
    sizes = members(PLAYERS) @ np.array([1, 2, 4, 1, 3])
    values = shapley_values(np.sqrt(sizes))
    assert values[0] == pytest.approx(values[3])
    assert values[0] < values[1] < values[4] < values[2]


def test_a_player_who_changes_nothing_gets_nothing(games):
    without = np.arange(2**PLAYERS) & ~0b00100
    assert shapley_values(games[:, without])[:, 2] == pytest.approx(np.zeros(7))


def test_of_a_sum_each_gets_their_own_part():
    parts = np.array([3.0, -1.0, 0.5, 0.0, 2.0])
    np.testing.assert_allclose(shapley_values(7 + members(PLAYERS) @ parts), parts, atol=1e-12)


def test_one_player_gets_all():
    assert shapley_values([2.0, 5.0]) == pytest.approx([3.0])


def test_what_is_no_game_is_refused():
    with pytest.raises(ValueError, match="2\\^k coalitions, not 6"):
        shapley_values(np.zeros(6))
