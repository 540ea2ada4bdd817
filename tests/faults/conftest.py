"""What the tests of faults share: a line of the table each, and what an undisturbed run leaves behind."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import pytest

from pel.local import stack
from pel.warehouse.provision import READER
from tests.conftest import Trained, Warehouse
from tests.dags.conftest import airflow_environment, run_dags, run_python  # noqa: F401  fixtures
from tests.faults.installation import Installation
from tests.faults.results import PROPERTY, Result
from tests.faults.rows import Difference, Rows, rows_of
from tests.faults.watch import Reader

# Predictions and their explanations refuse it, whoever asks: not so the tests, which want to make them again.
FORGET_FINETUNING = """
alter table pel.predictions disable trigger user;
alter table pel.explanations disable trigger user;
truncate pel.publications, pel.explanations, pel.predictions, pel.promotions;
alter table pel.predictions enable trigger user;
alter table pel.explanations enable trigger user;
delete from pel.model_versions where kind = 'finetuned';
"""
Keep = Callable[..., None]


@pytest.fixture
def keep(record_property: Callable[[str, object], None]) -> Keep:
    """Keeps a line of the table, and sees to it that nothing was lost or doubled."""

    def keep(
        fault: str, happened: str, *, difference: Difference, seconds: float | None = None, unread: float = 0
    ) -> None:
        assert difference == Difference(lost=0, doubled=0)
        result = Result(fault=fault, happened=happened, seconds=seconds, unread=unread, **asdict(difference))
        record_property(PROPERTY, json.dumps(asdict(result)))

    return keep


@pytest.fixture(scope="session")
def undisturbed(trained_once: Trained) -> Rows:
    """The rows of a chain to which nothing happened."""
    return rows_of(trained_once.warehouse.rows)


def forget_finetuning(warehouse: Warehouse) -> None:
    """As it was before there was a fine-tuned model; its files stay."""
    warehouse.rows(FORGET_FINETUNING, role="pel_owner")


@dataclass(frozen=True)
class Broken:
    """An installation whose cycle is about to be broken, its reader, and what an undisturbed cycle leaves."""

    installation: Installation
    reader: Reader
    undisturbed: Rows

    def difference(self) -> Difference:
        """Between what there is and what should be."""
        return rows_of(self.installation.rows).compared_with(self.undisturbed)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Rows]]:
    """An installation that runs, and the rows of a cycle to which nothing happened."""
    installation = Installation(tmp_path_factory.mktemp("installation"))
    try:
        yield installation, installation.prepare()
    finally:
        stack.clean(installation.settings)


@pytest.fixture(scope="module")
def broken(prepared: tuple[Installation, Rows]) -> Iterator[Broken]:
    """For all tests of a module, which break one cycle."""
    installation, undisturbed = prepared
    installation.restore()
    with Reader(installation.url(READER)) as reader:
        yield Broken(installation, reader, undisturbed)
        assert reader.looks
