"""The whole chain without Airflow: what the DAGs do, as one function."""

from datetime import date

from pel.ensemble.configuration import BEST
from pel.forecasts.explain import explain
from pel.forecasts.publish import publish
from pel.training.finetune import fit_base_model, plan_finetuning
from pel.training.pretrain import plan_pretraining, pretrain_base_model, register_pretrained
from pel.training.promote import register_finetuned

# Early enough that few films are rated and paid for, so that a whole chain takes seconds.
AS_OF = date(1985, 1, 1)


def pretrain(as_of: date = AS_OF, **options: bool) -> str | None:
    if version := plan_pretraining(as_of, **options):
        for name in sorted(BEST.transferred):
            pretrain_base_model(version, name)
        register_pretrained(version)
    return version


def finetune(as_of: date = AS_OF, **options: bool) -> str | None:
    if version := plan_finetuning(as_of, **options):
        for name in BEST.base_models:
            fit_base_model(version, name)
        register_finetuned(version)
    return version


def run_chain(as_of: date = AS_OF) -> int:
    """Train what has to be trained, publish and explain; returns how many predictions are new."""
    pretrain(as_of)
    finetune(as_of)
    new = publish(as_of)
    explain(as_of)
    return new
