import numpy as np
import pytest

from pel.ensemble import BEST, make
from pel.ensemble.proximity import proximity
from pel.ensemble.trees import TreeModel

TREES = [name for name in BEST.base_models if name != "neural_net"]


def test_it_is_the_share_of_trees_in_which_rows_share_a_leaf_by_the_weights_of_the_models():
    one = [np.array([1, 2, 3, 4]), np.array([5, 6])]
    others = [np.array([[1, 2, 3, 4], [1, 2, 9, 9]]), np.array([[5, 6], [9, 9]])]
    assert proximity(one, others, np.array([0.25, 0.75])).tolist() == [1.0, 0.125]


@pytest.mark.parametrize("name", TREES)
def test_rows_with_the_same_leaves_have_the_same_prediction_before_and_after_saving(name, tmp_path):
    rng = np.random.default_rng(0)
    Z = rng.choice(3, size=(300, 3)).astype(np.float32)
    model = make(name).fine_tune(Z, Z @ np.array([1.0, 2.0, -1.0]) + rng.normal(size=300), pretrained=None)
    assert isinstance(model, TreeModel)
    leaves, said = model.leaves(Z), model.predict(Z)
    assert len(leaves) == 300
    assert leaves.shape[1] > 20
    _, first, same = np.unique(leaves, axis=0, return_index=True, return_inverse=True)
    assert 2 < len(first) <= 27
    np.testing.assert_allclose(said, said[first][same.ravel()])
    model.save(tmp_path)
    np.testing.assert_array_equal(type(model).load(tmp_path).leaves(Z), leaves)


def test_a_model_without_a_tree_has_all_rows_in_one_leaf():
    Z = np.zeros((4, 2), dtype=np.float32)
    model = make("lightgbm").fine_tune(Z, np.ones(4), pretrained=None)
    assert (model.leaves(Z) == 0).all()
