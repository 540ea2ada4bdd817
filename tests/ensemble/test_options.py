from dataclasses import FrozenInstanceError, fields

import pytest

from pel.ensemble.options import CatBoostOptions, ForestOptions, LeafBoostingOptions, NeuralNetOptions

EVERY = [CatBoostOptions, ForestOptions, LeafBoostingOptions, NeuralNetOptions]
EVERY_FIELD = [(kind, one.name) for kind in EVERY for one in fields(kind)]


@pytest.mark.parametrize(("kind", "field"), EVERY_FIELD)
@pytest.mark.parametrize("wrong", [-1, 1e12, float("nan"), "5", None, True])
def test_an_impossible_value_is_refused_with_field_and_value(kind, field, wrong):
    with pytest.raises(ValueError, match=rf"{kind.__name__}\.{field} .*{wrong!r}".replace("+", r"\+")):
        kind(**{field: wrong})


def test_a_count_must_be_whole():
    with pytest.raises(ValueError, match=r"max_depth must be a whole number between 1 and 16, not 4\.5"):
        CatBoostOptions(max_depth=4.5)


def test_an_unknown_option_is_refused():
    with pytest.raises(TypeError, match="momentum"):
        NeuralNetOptions(momentum=0.9)


@pytest.mark.parametrize("kind", EVERY)
def test_options_survive_json(kind):
    assert kind(**kind().to_json()) == kind()


def test_options_do_not_change():
    with pytest.raises(FrozenInstanceError):
        CatBoostOptions().l2 = 1.0
