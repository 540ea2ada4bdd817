# ruff: noqa: TID253 -- a test of the network may load torch
import torch

from pel.ensemble.network import forward, random_weights, train
from pel.ensemble.options import NeuralNetOptions

OPTIONS = NeuralNetOptions(members=3, width=16, batch_rows=32)
Z = torch.randn(100, 5, generator=torch.Generator().manual_seed(0))
TARGET = Z[:, 0] - Z[:, 1]


def trained(dropout=0.0, members=3, epochs=5):
    options = NeuralNetOptions(members=members, width=16, batch_rows=32, dropout=dropout)
    weights = random_weights(5, options, seed=0)
    return train(weights, Z, TARGET, options=options, epochs=epochs, learning_rate=0.01, seed=0)


def test_every_member_predicts_every_row():
    assert forward(random_weights(5, OPTIONS, seed=0), Z, layers=2).shape == (3, 100)


def test_members_differ():
    first, second, third = forward(trained(), Z, layers=2)
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)


def test_a_member_learns_as_if_it_were_alone():
    together = forward(trained(members=1), Z, layers=2)
    beside_others = forward({name: weight[:1] for name, weight in trained_from_one().items()}, Z, layers=2)
    torch.testing.assert_close(together, beside_others, rtol=1e-3, atol=1e-4)


def trained_from_one():
    """Three members that start from the weights of one, trained side by side without dropout."""
    options = NeuralNetOptions(members=1, width=16, batch_rows=32, dropout=0.0)
    weights = {name: weight.repeat(3, 1, 1) for name, weight in random_weights(5, options, seed=0).items()}
    return train(weights, Z, TARGET, options=options, epochs=5, learning_rate=0.01, seed=0)


def test_training_leaves_the_weights_it_starts_from_as_they_are():
    weights = random_weights(5, OPTIONS, seed=0)
    copies = {name: weight.clone() for name, weight in weights.items()}
    train(weights, Z, TARGET, options=OPTIONS, epochs=1, learning_rate=0.01, seed=0)
    assert all(torch.equal(weights[name], copies[name]) for name in weights)


def test_training_reduces_the_error():
    before = ((forward(trained(epochs=0), Z, layers=2) - TARGET) ** 2).mean()
    after = ((forward(trained(epochs=20), Z, layers=2) - TARGET) ** 2).mean()
    assert after < 0.5 * before
