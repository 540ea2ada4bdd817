"""### Fine-tune on box office, when there is something new to learn

Fine-tunes the five base models from their pre-trained states, in two layers; weighs them; scores the ensemble on the
last two years of settled films, which nothing had seen; fits once more with these; registers the model and decides
whether it is the champion (`pel.promotions` has the reason). Then tells `publish_predictions` to look.

**Runs** after `pretrain_ratings`, and every day at 06:30 UTC. It trains when a box office has settled or been
corrected, when the pre-trained model or the code is another, or when forced; the log of `plan` says which, or why not.

**When it is red**, clear the failed task: what was done before it is kept and not done again. The champion and the
published predictions stay as they are until a new model is registered.
"""

from airflow.sdk import dag, task

from pel.ensemble.registry import BASE_MODELS, GPU_MODELS
from pel.workflow import (
    AS_OF,
    DEFAULTS,
    FINETUNED_MODEL,
    PRETRAINED_MODEL,
    TRAINING_POOL,
    after,
    announce,
    decide_as_of,
    force_param,
)

CPU_MODELS = [name for name in BASE_MODELS if name not in GPU_MODELS]


@task.short_circuit(ignore_downstream_trigger_rules=False)
def plan(as_of: str, params: dict) -> str | None:
    """Decide whether there is reason to fine-tune; the version to make, or nothing."""
    from pel.settings import parse_date
    from pel.training.finetune import plan_finetuning

    return plan_finetuning(parse_date(as_of, "as_of"), force=params["force"])


@task(pool=TRAINING_POOL, map_index_template="{{ task.op_kwargs['name'] }}")
def first_layer(version: str, name: str) -> None:
    """Fine-tune one base model from its pre-trained states."""
    from pel.training.finetune import fit_first_layer

    fit_first_layer(version, name)


@task(pool=TRAINING_POOL, map_index_template="{{ task.op_kwargs['name'] }}")
def second_layer(version: str, name: str) -> None:
    """Fit one base model on the first layer's predictions beside its input."""
    from pel.training.finetune import fit_second_layer

    fit_second_layer(version, name)


@task
def register(version: str) -> None:
    """Weigh the second layer, score the held-out films, keep the model, decide about it."""
    from pel.training.promote import register_finetuned

    register_finetuned(version)


def on_cpu(layer, version):
    """One mapped task per base model that trains on a CPU."""
    return layer.partial(version=version).expand(name=CPU_MODELS)


def on_gpu(layer, version):
    """One mapped task per base model that gains from a GPU; without a worker for that queue they run like the rest."""
    task_id = f"{layer.function.__name__}_on_gpu"
    return layer.override(task_id=task_id, queue="gpu").partial(version=version).expand(name=sorted(GPU_MODELS))


@dag(
    schedule=after(PRETRAINED_MODEL, safety_net="30 6 * * *"),
    params={"as_of": AS_OF, "force": force_param("Fine-tune")},
    tags=["pel", "training"],
    doc_md=__doc__,
    **DEFAULTS,
)
def finetune_box_office():
    """If there is reason to, fit both layers of every base model and register the result; then tell the others."""
    as_of = decide_as_of()
    version = plan(as_of)
    layer_1 = [on_cpu(first_layer, version), on_gpu(first_layer, version)]
    layer_2 = [on_cpu(second_layer, version), on_gpu(second_layer, version)]
    for fitted in layer_1:
        fitted >> layer_2
    layer_2 >> register(version) >> announce(FINETUNED_MODEL, as_of)


finetune_box_office()
