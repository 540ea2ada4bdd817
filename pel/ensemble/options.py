"""Options of the base models: frozen, and wrong values are rejected when they are made, not when a fit fails.

The defaults were chosen among a handful of settings on The Movies Dataset, on three forward windows that end with 2013
(films from 2004, 2008 and 2011 on), by the mean R²; a difference below 0.005 is noise between windows.
"""

from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any


def bounded(default: float, low: float, high: float) -> Any:
    """A dataclass field that must lie within ``low`` and ``high``, both included."""
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True, kw_only=True)
class Options:
    """What all options share: every field is a number within bounds.

    Raises:
        TypeError: A field does not exist.
        ValueError: A value is not a number of the field's type, or out of its bounds; names field and value.
    """

    def __post_init__(self) -> None:
        for one in fields(self):
            _check(type(self).__name__, one, getattr(self, one.name))

    def to_json(self) -> dict[str, float]:
        """The options as a dict that JSON can hold."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class TreeOptions(Options):
    """What the four tree models have in common.

    Attributes:
        pretrain_rounds: Trees grown on ratings.
        fine_tune_rounds: Trees grown on box office, with or without a pre-trained state beneath them.
        max_depth: Depth of one tree.
        row_share: Share of the rows that each tree sees.
        column_share: Share of the columns that each tree (random forest: each split) may choose from.
    """

    pretrain_rounds: int = bounded(200, 0, 10_000)
    fine_tune_rounds: int = bounded(200, 0, 10_000)
    max_depth: int = bounded(5, 1, 16)
    row_share: float = bounded(0.8, 0.05, 1.0)
    column_share: float = bounded(0.5, 0.01, 1.0)


@dataclass(frozen=True, kw_only=True)
class ForestOptions(TreeOptions):
    """Options of the random forest; its trees are independent, so it has no learning rate.

    Attributes:
        min_rows_in_leaf: Rows that a leaf holds at least.
    """

    # Time and the size of the file grow in proportion to the trees; 20 on 17,000 ratings take 3 s on one core and 1 MB.
    pretrain_rounds: int = bounded(20, 0, 10_000)
    fine_tune_rounds: int = bounded(80, 0, 10_000)
    max_depth: int = bounded(14, 1, 32)
    row_share: float = bounded(0.5, 0.05, 1.0)
    # A third of the columns per split is Breiman's advice for regression.
    column_share: float = bounded(0.33, 0.01, 1.0)
    # Depth 14 and leaves of 5 gave R² 0.518, depth 10 and leaves of 10 0.511; more only makes the file larger.
    min_rows_in_leaf: int = bounded(5, 1, 10_000)


@dataclass(frozen=True, kw_only=True)
class BoostingOptions(TreeOptions):
    """Options of a boosted model.

    Attributes:
        learning_rate: Share of its fit that each tree contributes.
        l2: Penalty on leaf values.
    """

    learning_rate: float = bounded(0.05, 1e-4, 1.0)
    l2: float = bounded(3.0, 0.0, 1e6)


@dataclass(frozen=True, kw_only=True)
class CatBoostOptions(BoostingOptions):
    """Options of CatBoost, whose symmetric trees are weaker one by one than trees that grow freely.

    They want one level and some rounds more: depth 6 and 300 rounds gave R² 0.536, depth 5 and 200 rounds 0.525.
    """

    fine_tune_rounds: int = bounded(300, 0, 10_000)
    max_depth: int = bounded(6, 1, 16)


@dataclass(frozen=True, kw_only=True)
class LeafBoostingOptions(BoostingOptions):
    """Options of XGBoost and LightGBM, whose leaves can be kept from growing too small.

    Attributes:
        min_rows_in_leaf: Rows that a leaf holds at least.
    """

    # Small trees in small steps: depth 4, 0.03 and 350 rounds gave R² 0.528, depth 5, 0.05 and 200 rounds 0.522.
    pretrain_rounds: int = bounded(300, 0, 10_000)
    fine_tune_rounds: int = bounded(350, 0, 10_000)
    max_depth: int = bounded(4, 1, 16)
    learning_rate: float = bounded(0.03, 1e-4, 1.0)
    min_rows_in_leaf: int = bounded(10, 1, 10_000)


@dataclass(frozen=True, kw_only=True)
class NeuralNetOptions(Options):
    """Options of the neural net.

    Attributes:
        members: Networks trained side by side, whose predictions are averaged.
        layers: Hidden layers.
        width: Units of a hidden layer.
        dropout: Share of the units silenced in each training step.
        batch_rows: Rows of one training step.
        pretrain_epochs: Passes over the rated films.
        fine_tune_epochs: Passes over the films with box office, with or without a pre-trained state.
        learning_rate: Step size from random weights (pre-training and plain training).
        fine_tune_learning_rate: Step size from pre-trained weights.
        weight_decay: AdamW's decay of the weights.
    """

    members: int = bounded(4, 1, 64)
    layers: int = bounded(2, 1, 8)
    width: int = bounded(80, 1, 4096)
    dropout: float = bounded(0.1, 0.0, 0.9)
    batch_rows: int = bounded(256, 1, 1_000_000)
    pretrain_epochs: int = bounded(6, 0, 10_000)
    fine_tune_epochs: int = bounded(20, 0, 10_000)
    learning_rate: float = bounded(3e-3, 1e-6, 1.0)
    # Smaller than from random weights, as the copied weights are to be adjusted, but not much: below 1e-3 the head does
    # not get from ratings to dollars in 20 epochs, and R² falls from 0.515 to 0.468.
    fine_tune_learning_rate: float = bounded(2e-3, 1e-6, 1.0)
    weight_decay: float = bounded(0.1, 0.0, 10.0)


def _check(owner: str, one: Field[Any], value: Any) -> None:
    """Raise unless ``value`` suits the field's type and bounds."""
    allowed = (int,) if one.type is int else (int, float)
    low, high = one.metadata["low"], one.metadata["high"]
    if isinstance(value, bool) or not isinstance(value, allowed) or not low <= value <= high:
        kind = "a whole number" if one.type is int else "a number"
        raise ValueError(f"{owner}.{one.name} must be {kind} between {low} and {high}, not {value!r}.")
