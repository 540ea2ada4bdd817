from collections.abc import Callable

import pytest

from tests.conftest import Warehouse
from tests.emptied import emptied


@pytest.fixture
def empty_database(copy_database: Callable[[str], Warehouse]) -> Warehouse:
    """A database of the owner's without any schema."""
    return copy_database("template1")


@pytest.fixture(scope="session")
def reused(copy_database: Callable[[str], Warehouse]) -> Warehouse:
    return copy_database("pel")


@pytest.fixture
def warehouse(reused: Warehouse, installation: Callable[[Warehouse], Warehouse]) -> Warehouse:
    """An empty database with the schema, used by the pipeline's steps."""
    return installation(emptied(reused))
