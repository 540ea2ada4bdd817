"""What the README shows works as it says."""

import re

import pytest

from pel.cli import app
from pel.forecasts.scenarios import score
from pel.settings import PROJECT
from tests.conftest import Trained

README = (PROJECT / "README.md").read_text(encoding="utf-8")
STATEMENTS = re.findall(r"^```sql\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
QUESTIONS = [statement for statement in STATEMENTS if statement.startswith("insert into scenarios")]
ANSWERS = [statement for statement in STATEMENTS if "from scenario_predictions" in statement]
QUERIES = [statement for statement in STATEMENTS if statement not in QUESTIONS + ANSWERS]


def test_there_are_queries_for_the_analyst() -> None:
    assert len(QUERIES) >= 3


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_answers_the_reader(trained: Trained, query: str) -> None:
    assert trained.warehouse.rows(query, role="pel_reader")


def test_every_question_of_a_planner_is_answered(trained: Trained) -> None:
    (title,) = trained.warehouse.rows("select min(title) from upcoming_predictions")[0]
    assert len(QUESTIONS) == len(ANSWERS) == 2
    for question in QUESTIONS:
        statement = re.sub(r"title = '.*'", "title = %s", question)
        trained.warehouse.rows(re.sub(r"'2014-", "'1985-", statement), [title], role="pel_planner")
    assert score() == 27
    for answer in ANSWERS:
        assert trained.warehouse.rows(answer, role="pel_reader")
    assert trained.warehouse.rows("select distinct error from scenario_predictions") == [(None,)]


def test_every_view_is_named(trained: Trained) -> None:
    views = trained.warehouse.rows("select table_name from information_schema.views where table_schema = 'public'")
    assert {f"`{name}`" for (name,) in views} <= set(re.findall(r"`\w+`", README))


def test_every_command_is_named() -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert commands <= set(re.findall(r"`pel (\w+)", README))


def test_every_setting_is_named() -> None:
    settings = set(re.findall(r"PEL_[A-Z_]+", (PROJECT / "pel" / "settings.py").read_text(encoding="utf-8")))
    assert settings <= set(re.findall(r"PEL_[A-Z_]+", README)) | {
        "PEL_DATABASE_URL",
        "PEL_READER_URL",
        "PEL_PLANNER_URL",
    }
