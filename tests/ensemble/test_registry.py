import subprocess
import sys

import pytest

from pel.ensemble.registry import BASE_MODELS, GPU_MODELS, load, make

from .films import NAMES


def test_every_base_model_is_tested():
    assert list(BASE_MODELS) == NAMES
    assert set(NAMES) >= GPU_MODELS


@pytest.mark.parametrize("name", NAMES)
def test_a_model_is_made_and_loaded_by_its_name(name, pretrained, tmp_path):
    assert type(make(name)) is BASE_MODELS[name]
    pretrained[name].save(tmp_path)
    assert type(load(tmp_path)) is BASE_MODELS[name]


def test_an_unknown_name_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match=r"'svm'.*catboost, random_forest"):
        make("svm")


def test_importing_the_ensemble_loads_no_heavy_library():
    program = (
        "import sys, pel.ensemble, pel.ensemble.layers;"
        "print({'torch', 'sklearn', 'xgboost', 'lightgbm', 'catboost', 'skops', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
