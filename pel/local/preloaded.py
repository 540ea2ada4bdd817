"""What tasks need, imported once: a task is a fork of a process that has imported this module, and has it from there.

The learning libraries are four of five CPU seconds of it. As long as nobody computes with them, they start no threads
and touch no GPU. They come before Airflow, in whose modules skops would look for functions of scipy and meet a thousand
warnings of old names.
"""

import gc
from importlib import import_module

NAMES = (
    "torch",
    "sklearn.ensemble",
    "skops.io",
    "lightgbm",
    "xgboost",
    "catboost",
    "airflow.executors.local_executor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.dag_processing.dagbag",
    "airflow.dag_processing.bundles.local",
    "airflow.providers.standard.decorators.python",
    "airflow.providers.standard.decorators.short_circuit",
    "airflow.providers.common.sql.operators.sql",
    "airflow.providers.postgres.hooks.postgres",
    "pel.workflow",
    "pel.ensemble.configuration",
    "pel.warehouse.intake",
    "pel.features.films",
    "pel.training.promote",
    "pel.forecasts.publish",
)

for name in NAMES:
    import_module(name)

# Else the garbage collector of a fork would write to every object, and so copy the memory that all forks share.
gc.collect()
gc.freeze()
