"""The demo's films with one chain run as of 1985, made once; each test gets a copy of its database and its files."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.chain import run_chain
from tests.conftest import Warehouse


@dataclass(frozen=True)
class Trained:
    """A database in which a chain has run, and the folder of its artifacts."""

    warehouse: Warehouse
    artifacts: Path


@pytest.fixture(scope="session")
def trained_once(
    demo_template: str, copy_database: Callable[[str], Warehouse], tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    trained = Trained(copy_database(demo_template), tmp_path_factory.mktemp("artifacts"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PEL_DATABASE_URL", trained.warehouse.url())
        monkeypatch.setenv("PEL_ARTIFACTS_URL", trained.artifacts.as_uri())
        run_chain()
    return trained


@pytest.fixture
def trained(
    trained_once: Trained,
    copy_database: Callable[[str], Warehouse],
    installation: Callable[[Warehouse], Warehouse],
    tmp_path: Path,
) -> Trained:
    """A copy of its own: what a test does to it, no other test sees."""
    copied = Trained(installation(copy_database(trained_once.warehouse.database)), tmp_path / "artifacts")
    shutil.copytree(trained_once.artifacts, copied.artifacts)
    url = f"{copied.artifacts.as_uri()}/"
    copied.warehouse.rows("update pel.model_versions set artifact_url = %s || model_version", [url], role="pel_owner")
    return copied
