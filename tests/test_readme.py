"""What the README shows works as it says."""

import re

import pytest

from pel.cli import app
from pel.settings import PROJECT
from tests.conftest import Trained

README = (PROJECT / "README.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^```sql\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_there_are_queries_for_the_analyst() -> None:
    assert len(QUERIES) >= 3


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_answers_the_reader(trained: Trained, query: str) -> None:
    assert trained.warehouse.rows(query, role="pel_reader")


def test_every_view_is_named(trained: Trained) -> None:
    views = trained.warehouse.rows("select table_name from information_schema.views where table_schema = 'public'")
    assert {f"`{name}`" for (name,) in views} <= set(re.findall(r"`\w+`", README))


def test_every_command_is_named() -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert commands <= set(re.findall(r"`pel (\w+)", README))


def test_every_setting_is_named() -> None:
    settings = set(re.findall(r"PEL_[A-Z_]+", (PROJECT / "pel" / "settings.py").read_text(encoding="utf-8")))
    assert settings <= set(re.findall(r"PEL_[A-Z_]+", README)) | {"PEL_DATABASE_URL", "PEL_READER_URL", "PEL_PLANNER_URL"}
