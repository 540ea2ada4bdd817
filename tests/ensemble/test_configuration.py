import copy
from dataclasses import FrozenInstanceError, replace

import pytest

from pel.ensemble.configuration import BEST, CONFIGURATIONS, PAPER, Configuration
from pel.ensemble.options import ForestOptions

from .films import NAMES, SMALL

BOTH = pytest.mark.parametrize("configuration", [PAPER, BEST], ids=lambda one: one.name)


@BOTH
def test_a_configuration_is_found_by_its_name(configuration):
    assert CONFIGURATIONS[configuration.name] is configuration


def test_the_paper_has_its_five_base_models_in_its_order():
    assert list(PAPER.base_models) == ["catboost", "random_forest", "lightgbm", "xgboost", "neural_net"]


def test_the_best_has_every_base_model():
    assert list(BEST.base_models) == NAMES


def test_the_paper_transfers_all_stacks_two_layers_of_z_scores_and_selects_from_nothing():
    assert set(PAPER.base_models) == PAPER.transferred
    assert (PAPER.layers, PAPER.standardized, PAPER.prior_picks) == (2, True, 0)


def test_the_best_weighs_one_layer_on_inputs_as_they_are():
    assert (BEST.layers, BEST.standardized) == (1, False)


@BOTH
def test_a_configuration_does_not_change(configuration):
    with pytest.raises(FrozenInstanceError):
        configuration.layers = 1
    with pytest.raises(TypeError):
        configuration.base_models["xgboost"] = SMALL["xgboost"]
    with pytest.raises(TypeError):
        del configuration.base_models["xgboost"]


def test_what_becomes_of_the_dict_it_was_made_from_does_not_matter():
    given = dict(SMALL)
    configuration = replace(PAPER, base_models=given)
    given.clear()
    assert configuration.base_models == SMALL


@BOTH
def test_a_copy_is_equal_and_as_unchangeable(configuration):
    for other in (copy.deepcopy(configuration), copy.copy(configuration), replace(configuration)):
        assert other == configuration
        assert list(other.base_models) == list(configuration.base_models)
        with pytest.raises(TypeError):
            other.base_models["xgboost"] = SMALL["xgboost"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"base_models": {"svm": ForestOptions()}}, r"no base model 'svm'\. Take of catboost, random_forest"),
        ({"base_models": SMALL | {"xgboost": ForestOptions()}}, r"xgboost takes LeafBoostingOptions, not ForestO"),
        ({"base_models": SMALL | {"xgboost": None}}, "xgboost takes LeafBoostingOptions, not None"),
        ({"transferred": frozenset({"xgboost", "svm", "gam"})}, "transferred names gam, svm, not among"),
        ({"base_models": {}, "transferred": frozenset()}, "mine has 0 base models"),
        ({"layers": 0}, "mine has 5 base models, 0 layers"),
        ({"layers": 3}, "3 layers and 0 prior picks"),
        ({"prior_picks": -1}, "2 layers and -1 prior picks"),
    ],
)
def test_an_impossible_configuration_is_refused_by_name(changed, message):
    with pytest.raises(ValueError, match=message):
        replace(PAPER, name="mine", **changed)


def test_a_field_left_out_is_refused():
    with pytest.raises(TypeError, match="prior_picks"):
        Configuration(name="mine", base_models=SMALL, transferred=frozenset(), layers=1, standardized=False)
