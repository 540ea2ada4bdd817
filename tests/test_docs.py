"""What the README and the pages of docs/ show works as they say."""

import re
from pathlib import Path

import pytest

from pel.cli import app
from pel.forecasts.scenarios import score
from pel.settings import PROJECT
from tests.conftest import Trained, Warehouse

PAGES = {
    path.name: path.read_text(encoding="utf-8") for path in [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]
}
QUESTIONS = re.findall(r"^### \d+\. (.*?)\n\n```sql\n(.*?)^```$", PAGES["sql.md"], re.DOTALL | re.MULTILINE)
SCENARIOS = re.findall(r"^```sql\n(.*?)^```$", PAGES["scenarios.md"], re.DOTALL | re.MULTILINE)
# Queries that have an answer as soon as there are forecasts; others wait for a replay, an approval or a second model.
FOR_THE_READER = ("README.md", "reading.md", "data.md")
FOR_OPERATORS = ("operations.md", "replays.md")
# Set by `pel up` and docker-compose.yml, not by users.
INTERNAL = {"PEL_DATABASE_URL", "PEL_READER_URL", "PEL_PLANNER_URL"}


def statements(*pages: str) -> list:
    return [
        pytest.param(statement, id=f"{page}-{number}")
        for page in pages
        for number, statement in enumerate(re.findall(r"^```sql\n(.*?)^```$", PAGES[page], re.DOTALL | re.MULTILINE), 1)
    ]


def test_there_are_twenty_questions() -> None:
    assert len(QUESTIONS) == len(re.findall(r"^```sql$", PAGES["sql.md"], re.MULTILINE)) == 20


@pytest.mark.parametrize(("question", "query"), QUESTIONS, ids=[question for question, _ in QUESTIONS])
def test_a_reader_gets_an_answer(trained: Trained, question: str, query: str) -> None:
    assert trained.warehouse.rows(query, role="pel_reader")


@pytest.mark.parametrize("query", statements(*FOR_THE_READER))
def test_every_query_answers_the_reader(trained: Trained, query: str) -> None:
    assert trained.warehouse.rows(query, role="pel_reader")


@pytest.mark.parametrize("query", statements(*FOR_OPERATORS))
def test_every_query_of_an_operator_can_be_asked(warehouse: Warehouse, query: str) -> None:
    warehouse.rows(query, role="pel_pipeline")


def test_every_scenario_of_a_planner_is_answered(trained: Trained) -> None:
    ((film,),) = trained.warehouse.rows("select min(title) from upcoming_predictions")
    # the page asks about the demo's films of 2014, whom the tests do not have
    there = [
        re.sub(r"title = '.*'", "title = %(film)s", re.sub(r"'\{[^}]*\}'", "'{}'", re.sub(r"'2014-", "'1985-", text)))
        for text in SCENARIOS
    ]
    questions = [statement for statement in there if statement.startswith("insert")]
    answers = [statement for statement in there if statement not in questions]
    assert len(questions) == len(answers) == 3
    for question in questions:
        trained.warehouse.rows(question, {"film": film}, role="pel_planner")
    assert score() == 28
    for answer in answers:
        assert trained.warehouse.rows(answer, {"film": film}, role="pel_reader")
    assert trained.warehouse.rows("select distinct error from scenario_predictions") == [(None,)]


def test_every_view_is_named(warehouse: Warehouse) -> None:
    views = warehouse.rows("select table_name from information_schema.views where table_schema = 'public'")
    assert {f"`{name}`" for (name,) in views} <= set(re.findall(r"`\w+`", PAGES["reading.md"]))


def test_every_command_is_named() -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert commands <= set(re.findall(r"`pel (\w+)", PAGES["settings.md"]))


def test_every_setting_is_named() -> None:
    settings = set(re.findall(r"PEL_[A-Z_]+", (PROJECT / "pel" / "settings.py").read_text(encoding="utf-8")))
    assert settings <= set(re.findall(r"PEL_[A-Z_]+", PAGES["settings.md"])) | INTERNAL


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_linked_is_there(page: str) -> None:
    folder = PROJECT if page == "README.md" else PROJECT / "docs"
    made = {"dags.md", "reference/views.md", "reference/tables.md"}  # by docs/hooks/reference.py
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", PAGES[page])
    assert [link for link in links if link not in made and not Path(folder, link).exists()] == []
