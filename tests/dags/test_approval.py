"""The decision about a candidate, as an operator meets it: a note, and where one is wanted a question."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pel.training.registry import champion
from pel.warehouse.connection import connect
from tests.candidates import finetuned
from tests.chain import AS_OF
from tests.conftest import Trained

DECISIONS = "select promoted, waits, decided_by, reason from pel.promotions order by promotion_id"
Run = Callable[..., dict[str, list[str]]]


@pytest.fixture
def finetune(trained: Trained, run_python, tmp_path: Path) -> Run:
    """Runs the DAG on films that seem new, with all fits done already, and without a champion."""
    trained.warehouse.rows("truncate pel.promotions", role="pel_owner")
    trained.warehouse.rows("update pel.model_versions set data_sha256 = '' where kind = 'finetuned'", role="pel_owner")
    url = trained.warehouse.url()
    settings = {
        "PEL_HOME": str(tmp_path),
        "PEL_DATABASE_URL": url,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "1",
    }

    def run(*answer: str, approval: str) -> dict[str, list[str]]:
        conf = json.dumps({"as_of": AS_OF.isoformat()})
        given = settings | {"PEL_APPROVAL": approval}
        return run_python("run_and_answer.py", conf, "finetune_box_office", *answer, **given)[0]

    return run


def champion_now() -> str | None:
    with connect() as connection:
        found = champion(connection, AS_OF)
        return found.model_version if found else None


def test_without_approval_nobody_is_asked_and_the_decision_is_the_note_of_its_task(
    trained: Trained, finetune: Run
) -> None:
    tasks = finetune(approval="no")
    assert {tasks[task][0] for task in ("approve", "keep_answer")} == {"skipped"}
    assert tasks["announce"][0] == "success"
    version = finetuned(trained)
    ((promoted, waits, decided_by, reason),) = trained.warehouse.rows(DECISIONS)
    assert (promoted, waits, decided_by) == (True, False, "gate")
    assert tasks["register"] == ["success", f"{version} is champion: {reason}"]
    assert champion_now() == version


def test_a_rejection_is_kept_and_the_others_are_told_all_the_same(trained: Trained, finetune: Run) -> None:
    tasks = finetune("Reject", approval="yes")
    waiting, answered = trained.warehouse.rows(DECISIONS)
    assert waiting[:3] == (False, True, "gate")
    assert answered[:2] == (False, False)
    assert answered[3] == f"rejected by {answered[2]}; the gate found: {waiting[3]}"
    assert tasks["keep_answer"][0] == tasks["announce"][0] == "success"
    assert answered[3] in tasks["keep_answer"][1]
    assert champion_now() is None
