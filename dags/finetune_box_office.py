"""### Fine-tune on box office, when there is something new to learn

Fine-tunes the five base models, from their pre-trained states where they have one; weighs them; scores the ensemble and
its ranges on the last two years of settled films, which nothing had seen; fits once more with these; registers the
model and compares it with the champion, whose place it takes if it passes the checks and is better; why, or why not, is
the note of `register` and in `pel.promotions`. With `PEL_APPROVAL=yes` a person is asked first (Required Actions); the
old champion publishes until they answer, for at most three days. Then tells `publish_predictions`.

**Runs** after `pretrain_ratings`, and every day at 06:30 UTC. It trains when a box office has settled or been
corrected, when the pre-trained model or the code is another, on drift (`model_drift`), or when forced;
`pel.training_looks` and the log of `plan` say which, or why not.

**When it is red**, clear the failed task: what was done before it is kept and not done again. The champion and the
published predictions stay as they are until a new model is registered.
"""

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import dag, task

from pel.ensemble.configuration import BEST
from pel.pools import TRAINING_POOL
from pel.training.approval import APPROVE, REJECT
from pel.training.thresholds import MAX_WAIT_DAYS
from pel.workflow import (
    AS_OF,
    DEFAULTS,
    FINETUNED_MODEL,
    PRETRAINED_MODEL,
    after,
    announce,
    decide_as_of,
    force_param,
    leave_note,
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


@task.short_circuit(ignore_downstream_trigger_rules=False)
def register(version: str) -> bool:
    """Weigh the base models, score the held-out films, keep the model, decide about it; whether a person is asked."""
    from pel.settings import Settings
    from pel.training.promote import register_finetuned

    decision = register_finetuned(version, ask_first=Settings.from_environment().approval)
    leave_note(decision.about(version))
    return decision.waits


def ask_a_person() -> HITLOperator:
    """A task that waits for the answer; "Reject" if nobody gives one, so that the next candidate gets its turn."""
    # not ApprovalOperator, which after a "Reject" keeps nothing of who gave it
    return HITLOperator(
        task_id="approve",
        subject="Shall {{ ti.xcom_pull(task_ids='plan') }} publish?",
        body="{{ ti.xcom_pull(task_ids='register', key='note') }}",
        options=[APPROVE, REJECT],
        defaults=REJECT,
        response_timeout=timedelta(days=MAX_WAIT_DAYS),
    )


@task(trigger_rule="none_failed")
def keep_answer(version: str, ti: Any = None) -> None:
    """Keep what the person said: the candidate is the champion now, or it is not."""
    from pel.training import approval

    answer = approval.Answer.from_airflow(ti.xcom_pull(task_ids="approve"))
    leave_note(approval.keep_answer(version, answer))


@dag(
    schedule=after(PRETRAINED_MODEL, safety_net="30 6 * * *"),
    params={"as_of": AS_OF, "force": force_param("Fine-tune")},
    tags=["pel", "training"],
    doc_md=__doc__,
    **DEFAULTS,
)
def finetune_box_office():
    """If there is reason to, fit every base model, register the result, ask a person if so set; tell the others."""
    as_of = decide_as_of()
    version = plan(as_of)
    fitted = on_cpu_and_gpu(finetune, version, BEST.base_models)
    registered, answer = register(version), keep_answer(version)
    fitted >> registered >> ask_a_person() >> answer
    registered >> answer >> announce(FINETUNED_MODEL, as_of)


finetune_box_office()
