"""scikit-learn's random forest as a base model."""

import warnings
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZIP_DEFLATED

from pel.ensemble.arrays import Matrix, Vector
from pel.ensemble.options import ForestOptions
from pel.ensemble.trees import TreeModel

# All that a forest's file may contain beyond what skops itself trusts; a file with anything else is refused. skops does
# not trust the node storage because a forged one can read out of bounds: load only what the caller knows (by its hash).
TRUSTED_TYPES = ["sklearn.tree._tree.Tree"]


class RandomForest(TreeModel):
    """A random forest; fine-tuning as in ``trees``: the new forest fits the residual."""

    name = "random_forest"
    options_type = ForestOptions
    file_name = "trees.skops"

    def _grow(self, Z: Matrix, target: Vector, rounds: int) -> Any:
        from sklearn.ensemble import RandomForestRegressor

        trees = RandomForestRegressor(
            n_estimators=rounds,
            max_depth=self.options.max_depth,
            min_samples_leaf=self.options.min_rows_in_leaf,
            max_samples=self.options.row_share,
            max_features=self.options.column_share,
            random_state=self.seed,
            n_jobs=self.threads,
        )
        # Trees grow independently of the number of threads; sums over trees would not be, so predict uses one.
        return trees.fit(Z, target).set_params(n_jobs=1)

    def _evaluate(self, trees: Any, Z: Matrix) -> Any:
        return trees.predict(Z)

    def _find_leaves(self, trees: Any, Z: Matrix) -> Any:
        return trees.apply(Z)

    def _write(self, trees: Any, path: Path) -> None:
        _skops_io().dump(trees, path, compression=ZIP_DEFLATED, compresslevel=6)

    def _read(self, path: Path) -> Any:
        return _skops_io().load(path, trusted=TRUSTED_TYPES)


def _skops_io() -> ModuleType:
    with warnings.catch_warnings():
        # it looks for scipy's functions in every module that is loaded, and Airflow's old ones warn a thousand times
        warnings.simplefilter("ignore")
        import skops.io
    return skops.io
