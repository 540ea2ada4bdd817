"""CatBoost as a base model."""

from pathlib import Path
from typing import Any

from pel.ensemble.arrays import Matrix, Vector
from pel.ensemble.options import CatBoostOptions
from pel.ensemble.trees import TreeModel


class CatBoost(TreeModel):
    """Boosted symmetric trees; fine-tuning as in ``trees``."""

    name = "catboost"
    options_type = CatBoostOptions
    file_name = "trees.cbm"

    def _grow(self, Z: Matrix, target: Vector, rounds: int) -> Any:
        from catboost import CatBoostRegressor

        trees = CatBoostRegressor(
            iterations=rounds,
            learning_rate=self.options.learning_rate,
            depth=self.options.max_depth,
            l2_leaf_reg=self.options.l2,
            bootstrap_type="Bernoulli",
            subsample=self.options.row_share,
            rsm=self.options.column_share,
            border_count=64,  # half the time of the default 254, the same error on thousands of rows
            random_seed=self.seed,
            thread_count=self.threads,
            allow_writing_files=False,
            logging_level="Silent",
        )
        return trees.fit(Z, target)

    def _evaluate(self, trees: Any, Z: Matrix) -> Any:
        return trees.predict(Z, thread_count=self.threads)

    def _find_leaves(self, trees: Any, Z: Matrix) -> Any:
        return trees.calc_leaf_indexes(Z, thread_count=self.threads)

    def _write(self, trees: Any, path: Path) -> None:
        trees.save_model(str(path), format="cbm")

    def _read(self, path: Path) -> Any:
        from catboost import CatBoostRegressor

        return CatBoostRegressor().load_model(str(path), format="cbm")
