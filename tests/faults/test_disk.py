"""The disk of the artifacts, full."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pel.forecasts.publish import publish
from tests.chain import AS_OF, finetune
from tests.conftest import Trained
from tests.faults.conftest import Keep, forget_finetuning
from tests.faults.disk import Disk, needs_root
from tests.faults.rows import Rows, rows_of

pytestmark = needs_root


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with Disk(tmp_path / "disk", "300m") as disk:
        yield disk


def test_the_disk_of_the_artifacts_is_full(
    trained: Trained, undisturbed: Rows, disk: Disk, monkeypatch: pytest.MonkeyPatch, keep: Keep
) -> None:
    monkeypatch.setenv("PEL_ARTIFACTS_URL", disk.folder.as_uri())
    shutil.copytree(trained.artifacts, disk.folder, dirs_exist_ok=True)
    forget_finetuning(trained.warehouse)
    moved = [str(trained.artifacts), str(disk.folder)]
    trained.warehouse.rows(
        "update pel.model_versions set artifact_url = replace(artifact_url, %s, %s)", moved, role="pel_owner"
    )
    shutil.rmtree(next(disk.folder.glob("finetuned-*")) / "xgboost")
    disk.fill()
    with pytest.raises(OSError, match="No space left"):
        finetune()
    assert not list(disk.folder.rglob("*.part"))
    disk.resize("300m")
    finetune()
    publish(AS_OF)
    keep(
        "the disk of the artifacts is full",
        "the training task fails, leaves no half file behind and is tried again; once there is room it goes on",
        difference=rows_of(trained.warehouse.rows).compared_with(undisturbed),
    )
