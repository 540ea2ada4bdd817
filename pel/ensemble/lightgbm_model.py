"""LightGBM as a base model."""

from pathlib import Path
from typing import Any

from pel.ensemble.arrays import Matrix, Vector
from pel.ensemble.options import LeafBoostingOptions
from pel.ensemble.trees import TreeModel


class LightGBM(TreeModel):
    """Boosted trees grown leaf by leaf; fine-tuning as in ``trees``."""

    name = "lightgbm"
    options_type = LeafBoostingOptions
    file_name = "trees.txt"

    def _grow(self, Z: Matrix, target: Vector, rounds: int) -> Any:
        import lightgbm

        parameters = {
            "objective": "regression",
            "learning_rate": self.options.learning_rate,
            "max_depth": self.options.max_depth,
            "num_leaves": 2**self.options.max_depth,
            "min_data_in_leaf": self.options.min_rows_in_leaf,
            "lambda_l2": self.options.l2,
            "bagging_fraction": self.options.row_share,
            "bagging_freq": 1,
            "feature_fraction": self.options.column_share,
            "seed": self.seed,
            "num_threads": self.threads,
            # Both are needed for results that do not depend on the number of threads or the load of the machine.
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
        return lightgbm.train(parameters, lightgbm.Dataset(Z, target), num_boost_round=rounds)

    def _evaluate(self, trees: Any, Z: Matrix) -> Any:
        return trees.predict(Z, num_threads=self.threads)

    def _find_leaves(self, trees: Any, Z: Matrix) -> Any:
        return trees.predict(Z, pred_leaf=True, num_threads=self.threads)

    def _write(self, trees: Any, path: Path) -> None:
        trees.save_model(str(path))

    def _read(self, path: Path) -> Any:
        import lightgbm

        return lightgbm.Booster(model_file=str(path))
