"""### Fine-tune on box office, when there is something new to learn

Fine-tunes the five base models, from their pre-trained states where they have one; weighs them; scores the ensemble and
its ranges on the last two years of settled films, which nothing had seen; fits once more with these; registers the
model and compares it with the champion, whose place it takes if it is better (`pel.promotions` has the reason). Then
tells `publish_predictions`.

**Runs** after `pretrain_ratings`, and every day at 06:30 UTC. It trains when a box office has settled or been
corrected, when the pre-trained model or the code is another, or when forced; `pel.training_looks` and the log of `plan`
say which, or why not.

**When it is red**, clear the failed task: what was done before it is kept and not done again. The champion and the
published predictions stay as they are until a new model is registered.
"""

from airflow.sdk import dag, task

from pel.ensemble.configuration import BEST
from pel.pools import TRAINING_POOL
from pel.workflow import (
    AS_OF,
    DEFAULTS,
    FINETUNED_MODEL,
    PRETRAINED_MODEL,
    after,
    announce,
    decide_as_of,
    force_param,
    on_cpu_and_gpu,
)


@task.short_circuit(ignore_downstream_trigger_rules=False)
def plan(as_of: str, params: dict) -> str | None:
    """Decide whether there is reason to fine-tune; the version to make, or nothing."""
    from pel.settings import parse_date
    from pel.training.finetune import plan_finetuning

    return plan_finetuning(parse_date(as_of, "as_of"), force=params["force"])


@task(pool=TRAINING_POOL, map_index_template="{{ task.op_kwargs['name'] }}")
def finetune(version: str, name: str) -> None:
    """Fine-tune one base model, from its pre-trained states if it has any."""
    from pel.training.finetune import fit_base_model

    fit_base_model(version, name)


@task
def register(version: str) -> None:
    """Weigh the base models, score the held-out films, keep the model, decide about it."""
    from pel.training.promote import register_finetuned

    register_finetuned(version)


@dag(
    schedule=after(PRETRAINED_MODEL, safety_net="30 6 * * *"),
    params={"as_of": AS_OF, "force": force_param("Fine-tune")},
    tags=["pel", "training"],
    doc_md=__doc__,
    **DEFAULTS,
)
def finetune_box_office():
    """If there is reason to, fit every base model and register the result; then tell the others."""
    as_of = decide_as_of()
    version = plan(as_of)
    fitted = on_cpu_and_gpu(finetune, version, BEST.base_models)
    fitted >> register(version) >> announce(FINETUNED_MODEL, as_of)


finetune_box_office()
