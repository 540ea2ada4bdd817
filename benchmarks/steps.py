"""The steps of the whole chain in one process, without Airflow; prints the seconds that they took.

Usage: python -m benchmarks.steps AS_OF, in the environment of an installation.
"""

import sys
import time
from datetime import date

from pel.ensemble.configuration import BEST
from pel.features.films import refresh
from pel.forecasts.explain import explain
from pel.forecasts.publish import publish
from pel.settings import Settings
from pel.training.finetune import fit_base_model, plan_finetuning
from pel.training.pretrain import plan_pretraining, pretrain_base_model, register_pretrained
from pel.training.promote import register_finetuned
from pel.warehouse.intake import take_in
from pel.warehouse.resolve import resolve


def run_steps(as_of: date) -> None:
    """What the five DAGs do, in their order."""
    settings = Settings.from_environment()
    take_in(settings.source, settings.data)
    resolve(settle_days=settings.settle_days)
    refresh(as_of)
    if version := plan_pretraining(as_of):
        for name in sorted(BEST.transferred):
            pretrain_base_model(version, name)
        register_pretrained(version)
    if version := plan_finetuning(as_of):
        for name in BEST.base_models:
            fit_base_model(version, name)
        register_finetuned(version)
    publish(as_of)
    explain(as_of)


if __name__ == "__main__":
    started = time.perf_counter()
    run_steps(date.fromisoformat(sys.argv[1]))
    sys.stdout.write(f"{time.perf_counter() - started}\n")
