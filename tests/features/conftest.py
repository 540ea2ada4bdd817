from collections.abc import Callable
from datetime import date

import pytest

from pel.features.films import refresh
from tests.conftest import Warehouse

AS_OF = date(2014, 1, 1)


@pytest.fixture(scope="session")
def refreshed_demo(copy_database: Callable[[str], Warehouse], demo_template: str) -> Warehouse:
    demo = copy_database(demo_template)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PEL_DATABASE_URL", demo.url())
        refresh(AS_OF)
    return demo


@pytest.fixture
def demo_facts(refreshed_demo: Warehouse, installation: Callable[[Warehouse], Warehouse]) -> Warehouse:
    """The demo's films with attributes, one database for all tests that change no fact."""
    return installation(refreshed_demo)
