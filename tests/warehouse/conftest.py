from collections.abc import Callable

import pytest

from tests.conftest import Warehouse


@pytest.fixture
def empty_database(copy_database: Callable[[str], Warehouse]) -> Warehouse:
    """A database of the owner's without any schema."""
    return copy_database("template1")
