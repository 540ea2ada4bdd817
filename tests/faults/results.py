"""The table of faults: what each test of this folder saw.

``python -m tests.faults.results REPORT`` takes the rows out of a report of pytest (``--junitxml``), replaces those of
the same tests in benchmarks/results/faults.json, and writes the table of docs/faults.md anew.
"""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from pel.settings import PROJECT

RESULTS = PROJECT / "benchmarks" / "results" / "faults.json"
DOCS = PROJECT / "docs" / "faults.md"
BEGIN, END = "<!-- the table is made by tests/faults/results.py -->\n", "<!-- end of the table -->\n"
NOT_YET = "## Not yet in the table\n"
HEADER = """\
| fault | what happened | well after | rows lost | rows doubled | forecasts there | test |
|---|---|---|---|---|---|---|
"""
PROPERTY = "fault"


@dataclass(frozen=True, kw_only=True)
class Result:
    """One line of the table.

    Attributes:
        fault: What was broken.
        happened: What came of it.
        seconds: How long until all was well; None where nothing had to recover.
        lost: Rows that an undisturbed run has and this one has not.
        doubled: Rows that this run has and an undisturbed one has not.
        unread: For how many seconds readers got no forecasts.
    """

    fault: str
    happened: str
    seconds: float | None
    lost: int
    doubled: int
    unread: float

    def line(self, test: str) -> str:
        """It, as a line of Markdown."""
        cells = (
            self.fault,
            self.happened,
            "at once" if self.seconds is None else f"{self.seconds:.0f} s",
            self.lost or "none",
            self.doubled or "none",
            f"not for {max(self.unread, 1):.0f} s" if self.unread else "yes",
            f"`{test}`",
        )
        return f"| {' | '.join(map(str, cells))} |\n"


def table(results: dict[str, Result]) -> str:
    """The table, in the order of the tests."""
    return HEADER + "".join(result.line(test) for test, result in results.items())


def load() -> dict[str, Result]:
    """What was kept, by test."""
    return {test: Result(**row) for test, row in json.loads(RESULTS.read_text()).items()} if RESULTS.exists() else {}


def read(report: Path) -> dict[str, Result]:
    """The lines of the tests that passed, by test."""
    found = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314  our own pytest wrote it
        passed = case.find("failure") is None and case.find("error") is None
        for entry in case.iter("property"):
            if passed and entry.get("name") == PROPERTY:
                module = str(case.get("classname")).rpartition(".")[2]
                found[f"{module}.py::{case.get('name')}"] = Result(**json.loads(str(entry.get("value"))))
    return found


def main(report: str) -> None:
    results = load() | read(Path(report))
    RESULTS.write_text(json.dumps({test: asdict(result) for test, result in results.items()}, indent=1) + "\n")
    before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
    after = _without_done(rest.partition(END)[2], {test.partition("[")[0] for test in results})
    DOCS.write_text(before + BEGIN + table(results) + END + after, encoding="utf-8")


def _without_done(text: str, done: set[str]) -> str:
    """The text without those of the list of NOT_YET that have a line by now, and without the list if it is empty."""
    text, _, rest = text.partition(NOT_YET)
    lines = [line for line in rest.splitlines(keepends=True) if not any(f"`{test}`" in line for test in done)]
    left = any(line.startswith("- ") for line in lines)
    return text + NOT_YET + "".join(lines) if left else text.rstrip() + "\n"


if __name__ == "__main__":
    main(sys.argv[1])
