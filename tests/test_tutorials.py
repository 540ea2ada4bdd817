"""Each tutorial of docs/tutorials, followed word for word on a copy of the project, ends in a test that passes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pel.settings import PROJECT

TUTORIALS = sorted((PROJECT / "docs" / "tutorials").glob("*.md"))
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.DOTALL | re.MULTILINE)
# What tutorials change, and what ruff has to see to know our packages from others.
PARTS = ["benchmarks", "dags", "pel", "sql", "tests"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, with the environment that runs this test as its ``.venv``."""
    for part in PARTS:
        shutil.copytree(PROJECT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def run(project: Path, *command: str, given: str | None = None) -> None:
    # the copy comes before the project, which is installed in the environment
    environment = os.environ | {"PYTHONPATH": str(project)}
    done = subprocess.run(command, input=given, cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_tutorials() -> None:
    assert len(TUTORIALS) >= 3


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda file: file.stem)
def test_a_tutorial_works_word_for_word(tutorial: Path, project: Path) -> None:
    page = tutorial.read_text(encoding="utf-8")
    blocks = BLOCK.findall(page)
    assert len(re.findall("^```", page, re.MULTILINE)) == 2 * len(blocks), "a block is not written as the others"
    for kind, title, text in blocks:
        if title:
            (project / title).write_text(text, encoding="utf-8")
        elif kind == "diff":
            run(project, "git", "apply", "-", given=text)
    run(project, ".venv/bin/ruff", "check", *PARTS)
    run(project, ".venv/bin/ruff", "format", "--check", *PARTS)
    commands = [text for kind, _, text in blocks if kind == "sh"]
    run(project, "bash", "-ec", commands[-1])
