# ruff: noqa: TID253 -- a test of the network may load torch
import pytest
import torch

from pel.ensemble.arrays import MISSING
from pel.ensemble.network import as_inputs, forward, random_weights, train
from pel.ensemble.options import NeuralNetOptions

OPTIONS = NeuralNetOptions(members=3, width=16, batch_rows=32)
Z = torch.randn(100, 5, generator=torch.Generator().manual_seed(0))
TARGET = Z[:, 0] - Z[:, 1]


def trained(dropout=0.0, members=3, epochs=5, **how):
    options = NeuralNetOptions(members=members, width=16, batch_rows=32, dropout=dropout)
    weights = random_weights(5, options, seed=0)
    return train(weights, Z, TARGET, options=options, epochs=epochs, learning_rate=0.01, seed=0, **how)


def outputs_of(weights, Z, **how):
    return forward(weights, as_inputs(Z), layers=2, **how)


def test_every_member_predicts_every_row():
    assert outputs_of(random_weights(5, OPTIONS, seed=0), Z).shape == (3, 100)


def test_members_differ():
    first, second, third = outputs_of(trained(), Z)
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)


def test_members_differ_from_the_start_only_by_signs_of_their_inputs():
    weights = random_weights(5, OPTIONS, seed=0)
    first, second, third = signs = weights.pop("layer0.in")
    assert signs.abs().eq(1).all()
    assert not torch.equal(first, second)
    assert not torch.equal(second, third)
    own = {name: weight for name, weight in weights.items() if not name.endswith(".weight")} | {
        "head": weights["head.weight"]
    }
    assert all(torch.equal(weight, weight[:1].expand_as(weight)) for weight in own.values())


def test_members_share_the_weights_of_every_layer_and_own_the_rest():
    shapes = {name: tuple(weight.shape) for name, weight in random_weights(5, OPTIONS, seed=0).items()}
    assert shapes["layer0.weight"] == (2 * 5, 16)
    assert shapes["layer1.weight"] == (16, 16)
    shared = {"layer0.weight", "layer1.weight"}
    assert all(shape[0] == OPTIONS.members for name, shape in shapes.items() if name not in shared)


@pytest.mark.parametrize("name", ["layer0.in", "layer1.in", "layer0.out", "layer1.bias", "head.weight", "head.bias"])
def test_what_a_member_owns_moves_its_output_and_no_other(name):
    weights = trained()
    before = outputs_of(weights, Z)
    weights[name] = weights[name].clone()
    weights[name][1] = weights[name][1] * 1.5 + 0.5
    after = outputs_of(weights, Z)
    assert [torch.equal(*outputs) for outputs in zip(before, after, strict=True)] == [True, False, True]


def test_training_moves_everything_that_may_be_learned():
    before, after = random_weights(5, OPTIONS, seed=0), trained()
    assert [name for name in before if torch.equal(before[name], after[name])] == []


def test_members_that_start_alike_learn_like_one_alone():
    """The loss is a mean over members: how many there are changes nobody's step."""
    options = NeuralNetOptions(members=1, width=16, batch_rows=32, dropout=0.0)
    how = {"options": options, "epochs": 5, "learning_rate": 0.01, "seed": 0}
    weights = random_weights(5, options, seed=0)
    repeated = {name: weight.repeat(3, 1, 1) if weight.ndim == 3 else weight for name, weight in weights.items()}
    alone = outputs_of(train(weights, Z, TARGET, **how), Z)
    together = outputs_of(train(repeated, Z, TARGET, **how), Z)
    torch.testing.assert_close(together, alone.expand(3, -1), rtol=1e-3, atol=1e-4)


def test_dropout_silences_units_of_each_member_in_training_only():
    weights = trained()
    outputs = [outputs_of(weights, Z, dropout=0.5, generator=torch.Generator().manual_seed(s)) for s in (0, 1)]
    assert not torch.equal(*outputs)
    torch.testing.assert_close(outputs_of(weights, Z), outputs_of(weights, Z, dropout=0.0))


def test_a_missing_value_is_a_zero_and_a_mark():
    """Without what the mark weighs, a missing value and a zero are the same."""
    weights = trained()
    zero, missing = Z.clone(), Z.clone()
    zero[:, 2], missing[:, 2] = 0.0, MISSING
    assert not torch.equal(outputs_of(weights, zero), outputs_of(weights, missing))
    marks_only = weights["layer0.weight"].clone()
    marks_only[5 + 2] = 0.0
    blind = weights | {"layer0.weight": marks_only}
    assert torch.equal(outputs_of(blind, zero), outputs_of(blind, missing))


def test_what_merely_comes_close_to_missing_is_a_value():
    weights = trained()
    near, nearer = Z.clone(), Z.clone()
    near[:, 2], nearer[:, 2] = MISSING + 0.001, MISSING - 0.001
    torch.testing.assert_close(outputs_of(weights, near), outputs_of(weights, nearer), atol=0.01, rtol=0)


def test_the_mark_can_be_learned_from():
    """Where a value is missing says all there is to know."""
    holed = Z.clone()
    holed[::2, 2] = MISSING
    target = (holed[:, 2] == MISSING).to(Z.dtype) * 2 - 1
    options = NeuralNetOptions(members=3, width=16, batch_rows=32, dropout=0.0)
    start = random_weights(5, options, seed=0)
    weights = train(start, holed, target, options=options, epochs=20, learning_rate=0.01, seed=0)
    assert ((outputs_of(weights, holed) - target) ** 2).mean() < 0.1


def test_training_leaves_the_weights_it_starts_from_as_they_are():
    weights = random_weights(5, OPTIONS, seed=0)
    copies = {name: weight.clone() for name, weight in weights.items()}
    train(weights, Z, TARGET, options=OPTIONS, epochs=1, learning_rate=0.01, seed=0)
    assert all(torch.equal(weights[name], copies[name]) for name in weights)


def test_training_reduces_the_error():
    before = ((outputs_of(trained(epochs=0), Z) - TARGET) ** 2).mean()
    after = ((outputs_of(trained(epochs=20), Z) - TARGET) ** 2).mean()
    assert after < 0.5 * before


def test_products_in_half_the_precision_lead_to_nearly_the_same_net():
    exact, mixed = outputs_of(trained(epochs=20), Z), outputs_of(trained(epochs=20, mixed=True), Z)
    assert not torch.equal(exact, mixed)
    assert mixed.dtype == torch.float32
    assert (exact - mixed).pow(2).mean().sqrt() < 0.05
