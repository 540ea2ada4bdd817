"""The table in the docs is what the tests of this folder saw, and names all of them."""

import re
from pathlib import Path

from tests.faults import results

TESTS = {
    f"{file.name}::{test}"
    for file in Path(__file__).parent.glob("test_*.py")
    for test in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    if file != Path(__file__)
}
TEXT = results.DOCS.read_text(encoding="utf-8")
NOT_YET = set(re.findall(r"`(\w+\.py::\w+)`", TEXT.partition(results.NOT_YET)[2]))


def test_the_table_shows_what_was_kept() -> None:
    assert results.table(results.load()) in TEXT


def test_each_line_has_its_test_and_each_test_its_line() -> None:
    lines = {test.partition("[")[0] for test in results.load()}
    assert lines <= TESTS
    assert TESTS - lines == NOT_YET
