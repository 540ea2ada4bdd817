"""The questions of docs/sql.md have answers."""

import re

import pytest

from pel.settings import PROJECT
from tests.conftest import Trained

COOKBOOK = (PROJECT / "docs" / "sql.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^### \d+\. (.*?)\n\n```sql\n(.*?)^```$", COOKBOOK, re.DOTALL | re.MULTILINE)


def test_there_are_twenty_questions() -> None:
    assert len(QUESTIONS) == len(re.findall(r"^```sql$", COOKBOOK, re.MULTILINE)) == 20


@pytest.mark.parametrize(("question", "query"), QUESTIONS, ids=[question for question, _ in QUESTIONS])
def test_a_reader_gets_an_answer(trained: Trained, question: str, query: str) -> None:
    assert trained.warehouse.rows(query, role="pel_reader")
