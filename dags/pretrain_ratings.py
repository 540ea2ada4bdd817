"""### Pre-train on film ratings, when enough new ones have arrived

Pre-trains the base models that gain from it on the films rated by `as_of`, and, for each cut-off date of the forward
folds, on those rated by then. Then tells `finetune_box_office` to look, whether or not it trained.

**Runs** after `temporal_deltas`, and every day at 05:30 UTC. It trains the first time, when at least `min_new_films`
or a share of `min_new_share` were rated since the last time, when that was `max_age_days` ago, when the code has
changed, or when forced; `pel.training_looks` and the log of `plan` say which, or why not.

**When it is red**, clear the failed task: what was done before it is kept and not done again. If `plan` itself fails,
its log says what it could not read. Published predictions stay as they are.
"""

from airflow.sdk import Param, dag, task

from pel.ensemble.configuration import BEST
from pel.pools import TRAINING_POOL
from pel.training.thresholds import MAX_AGE_DAYS, MIN_NEW_FILMS, MIN_NEW_SHARE
from pel.workflow import (
    AS_OF,
    DEFAULTS,
    PRETRAINED_MODEL,
    TEMPORAL_DELTAS,
    after,
    announce,
    decide_as_of,
    force_param,
    on_cpu_and_gpu,
)


@task.short_circuit(ignore_downstream_trigger_rules=False)
def plan(as_of: str, params: dict) -> str | None:
    """Decide whether there is reason to pre-train; the version to make, or nothing."""
    from pel.settings import parse_date
    from pel.training.pretrain import Wanted, plan_pretraining

    wanted = Wanted(**{name: params[name] for name in Wanted._fields})
    return plan_pretraining(parse_date(as_of, "as_of"), wanted, force=params["force"])


@task(pool=TRAINING_POOL, map_index_template="{{ task.op_kwargs['name'] }}")
def pretrain(version: str, name: str) -> None:
    """Pre-train one base model on ratings."""
    from pel.training.pretrain import pretrain_base_model

    pretrain_base_model(version, name)


@task
def register(version: str) -> None:
    """Keep the pre-trained model with its lineage."""
    from pel.training.pretrain import register_pretrained

    register_pretrained(version)


@dag(
    schedule=after(TEMPORAL_DELTAS, safety_net="30 5 * * *"),
    params={
        "as_of": AS_OF,
        "min_new_films": Param(
            MIN_NEW_FILMS,
            type="integer",
            minimum=1,
            title="Newly rated films",
            description="Train if at least this many films were rated since the last time.",
        ),
        "min_new_share": Param(
            MIN_NEW_SHARE,
            type="number",
            exclusiveMinimum=0,
            title="Share of newly rated films",
            description="Train if they are at least this share of the films that were rated the last time.",
        ),
        "max_age_days": Param(
            MAX_AGE_DAYS,
            type="integer",
            minimum=1,
            title="Greatest age in days",
            description="Train if the last time was this long ago.",
        ),
        "force": force_param("Pre-train"),
    },
    tags=["pel", "training"],
    doc_md=__doc__,
    **DEFAULTS,
)
def pretrain_ratings():
    """If there is reason to, pre-train the base models and register the result; then tell the others."""
    as_of = decide_as_of()
    version = plan(as_of)
    fitted = on_cpu_and_gpu(pretrain, version, BEST.transferred)
    fitted >> register(version) >> announce(PRETRAINED_MODEL, as_of)


pretrain_ratings()
