from datetime import UTC, datetime

import pytest

from pel.training.approval import Answer, keep_answer
from pel.training.promote import register_finetuned
from pel.training.registry import champion
from pel.warehouse.connection import connect
from tests.candidates import finetuned, fitted_again
from tests.chain import AS_OF
from tests.conftest import Trained

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
YES, NO = Answer(True, "ada", AT), Answer(False, "ada", AT)
DECISIONS = "select promoted, waits, decided_by, decided_at = %s from pel.promotions order by promotion_id"


@pytest.fixture
def waiting(trained: Trained) -> str:
    """A candidate that would be promoted, for the champion cannot be read any more."""
    version = fitted_again(trained)
    for file in (trained.artifacts / finetuned(trained) / "catboost").rglob("model.json"):
        file.unlink()
    assert register_finetuned(version, ask_first=True).waits
    return version


def champion_now() -> str:
    with connect() as connection:
        return champion(connection, AS_OF).model_version


def test_the_old_champion_stays_until_a_person_says_yes(trained: Trained, waiting: str) -> None:
    assert champion_now() == finetuned(trained)
    assert "approved by ada; the gate found: its held-out MSE" in keep_answer(waiting, YES)
    assert champion_now() == waiting
    assert trained.warehouse.rows(DECISIONS, [AT])[1:] == [(False, True, "gate", False), (True, False, "ada", True)]


def test_the_first_answer_counts(trained: Trained, waiting: str) -> None:
    keep_answer(waiting, NO)
    assert "waits for no answer" in keep_answer(waiting, YES)
    assert champion_now() == finetuned(trained)
    assert len(trained.warehouse.rows(DECISIONS, [AT])) == 3


def test_a_task_that_died_after_it_asked_asks_again(trained: Trained, waiting: str) -> None:
    assert register_finetuned(waiting, ask_first=True).waits
    assert len(trained.warehouse.rows(DECISIONS, [AT])) == 2


def test_what_the_gate_refuses_is_not_asked_about(trained: Trained) -> None:
    decision = register_finetuned(fitted_again(trained), ask_first=True)
    assert (decision.promoted, decision.waits) == (False, False)


@pytest.mark.parametrize(("chosen", "user", "answer"), [
    ("Approve", {"id": "1", "name": "ada"}, YES),
    ("Reject", {"id": "1", "name": "ada"}, NO),
    ("Reject", None, Answer(False, "nobody", AT)),
])  # fmt: skip
def test_an_answer_is_read_as_airflow_hands_it_on(chosen: str, user: dict | None, answer: Answer) -> None:
    handed_on = {"chosen_options": [chosen], "responded_at": AT, "responded_by_user": user, "params_input": {}}
    assert Answer.from_airflow(handed_on) == answer
