"""XGBoost as a base model."""

from pathlib import Path
from typing import Any

from pel.ensemble.arrays import Matrix, Vector
from pel.ensemble.options import LeafBoostingOptions
from pel.ensemble.trees import TreeModel


class XGBoost(TreeModel):
    """Boosted trees grown level by level; fine-tuning as in ``trees``."""

    name = "xgboost"
    options_type = LeafBoostingOptions
    file_name = "trees.ubj"

    def _grow(self, Z: Matrix, target: Vector, rounds: int) -> Any:
        import xgboost

        parameters = {
            "objective": "reg:squarederror",
            "tree_method": "hist",
            "eta": self.options.learning_rate,
            "max_depth": self.options.max_depth,
            "min_child_weight": self.options.min_rows_in_leaf,  # for squared error the weight is a count of rows
            "lambda": self.options.l2,
            "subsample": self.options.row_share,
            "colsample_bytree": self.options.column_share,
            "seed": self.seed,
            "nthread": self.threads,
        }
        return xgboost.train(parameters, xgboost.QuantileDMatrix(Z, target, nthread=self.threads), rounds)

    def _evaluate(self, trees: Any, Z: Matrix) -> Any:
        return trees.inplace_predict(Z)

    def _find_leaves(self, trees: Any, Z: Matrix) -> Any:
        import xgboost

        return trees.predict(xgboost.DMatrix(Z, nthread=self.threads), pred_leaf=True)

    def _write(self, trees: Any, path: Path) -> None:
        trees.save_model(path)

    def _read(self, path: Path) -> Any:
        import xgboost

        trees = xgboost.Booster({"nthread": self.threads})
        trees.load_model(path)
        return trees
