"""P-EL itself: base models, transfer, stacking and selection. Arrays in, arrays out, in scikit-learn's manner.

Nothing here knows of Postgres, Airflow or where files lie. Importing it loads numpy only; torch, scikit-learn, XGBoost,
LightGBM and CatBoost are loaded when a model of theirs is fitted or read.
"""

from pel.ensemble.configuration import BEST, CONFIGURATIONS, PAPER, Configuration
from pel.ensemble.estimator import PEL
from pel.ensemble.metrics import regression_metrics
from pel.ensemble.registry import BASE_MODELS, GPU_MODELS, load, make
from pel.ensemble.selection import select_ensemble

__all__ = [
    "BASE_MODELS",
    "BEST",
    "CONFIGURATIONS",
    "GPU_MODELS",
    "PAPER",
    "PEL",
    "Configuration",
    "load",
    "make",
    "regression_metrics",
    "select_ensemble",
]
