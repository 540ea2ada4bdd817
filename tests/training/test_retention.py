import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from pel.training.artifacts import ArtifactFolder
from pel.training.registry import ModelVersion, champion, newest, register
from pel.training.retention import remove_artifacts
from pel.training.rollback import roll_back
from pel.training.thresholds import KEEP_CHAMPIONS, KEEP_DAYS, LEFTOVER_DAYS
from pel.warehouse.connection import WarehouseError, connect
from tests.conftest import Warehouse

TODAY = date(2020, 1, 1)
OLD = TODAY - timedelta(days=KEEP_DAYS)
YOUNG = OLD + timedelta(days=1)
LONG_AGO = OLD - timedelta(days=1000)
SIZE = 1000

PROMOTE = "insert into pel.promotions (as_of, model_version, promoted, reason) values (%s, %s, true, '')"
PUBLISH = "insert into pel.publications (as_of, model_version, films) values (%s, %s, 1)"
WAITS = "insert into pel.promotions (as_of, model_version, promoted, waits, reason) values (%s, %s, false, true, '')"
ANSWER = "insert into pel.promotions (as_of, model_version, promoted, reason) values (%s, %s, false, '')"


@pytest.fixture(scope="module")
def models_only(copy_database: Callable[[str], Warehouse]) -> Warehouse:
    return copy_database("pel")


@pytest.fixture
def models(models_only: Warehouse, installation: Callable[[Warehouse], Warehouse]) -> Warehouse:
    """A pre-trained model and as many champions as are kept, all of them old."""
    for table in ("publications", "promotions", "model_versions"):
        models_only.rows(f"delete from pel.{table}", role="pel_owner")
    warehouse = installation(models_only)
    a_model("pretrained-1", LONG_AGO)
    for n in range(KEEP_CHAMPIONS):
        a_model(f"finetuned-champion-{n}", LONG_AGO + timedelta(days=n))
        warehouse.rows(PROMOTE, [LONG_AGO + timedelta(days=n), f"finetuned-champion-{n}"])
    return warehouse


def a_model(version: str, as_of: date) -> ModelVersion:
    """A model with one file, and its row."""
    kind = "pretrained" if version.startswith("pretrained") else "finetuned"
    model = ModelVersion(
        model_version=version,
        kind=kind,
        as_of=as_of,
        pretrained_version=None if kind == "pretrained" else "pretrained-1",
        code_version="",
        data_sha256="",
        parameters={},
        metrics={},
        artifact_url=files(version).as_uri(),
        artifact_sha256="",
    )
    write(version)
    with connect() as connection:
        register(connection, model)
    return model


def files(version: str) -> Path:
    return Path(os.environ["PEL_HOME"]) / "artifacts" / version


def write(version: str, name: str = "file", *, days_ago: float = 0) -> Path:
    file = files(version) / "part" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x" * SIZE)
    written = time.time() - days_ago * 24 * 3600
    os.utime(file, (written, written))
    return file


def test_what_nothing_needs_any_more_is_removed_and_its_row_stays(models: Warehouse) -> None:
    a_model("finetuned-old", OLD)
    assert remove_artifacts(TODAY) == SIZE
    assert not files("finetuned-old").exists()
    rows = models.rows("select artifacts_removed_at is not null, pretrained_version from pel.model_versions "
                       "where model_version = 'finetuned-old'")  # fmt: skip
    assert rows == [(True, "pretrained-1")]
    assert models.rows("select count(*) from pel.model_versions where artifacts_removed_at is null") == [(6,)]
    assert remove_artifacts(TODAY) == 0


@pytest.mark.parametrize(
    ("version", "as_of", "reason"),
    [
        ("finetuned-young", YOUNG, None),
        ("finetuned-later", TODAY + timedelta(days=1), None),
        ("pretrained-2", OLD, None),
        ("finetuned-champion", OLD, (PROMOTE, OLD)),
        ("finetuned-shown", OLD, (PUBLISH, YOUNG)),
        ("finetuned-shown-last", OLD, (PUBLISH, LONG_AGO)),
        ("finetuned-waits", OLD, (WAITS, OLD)),
    ],
)
def test_what_is_still_needed_is_kept(
    models: Warehouse, version: str, as_of: date, reason: tuple[str, date] | None
) -> None:
    a_model(version, as_of)
    if reason:
        models.rows(reason[0], [reason[1], version])
    remove_artifacts(TODAY)
    assert files(version).exists()
    assert models.rows("select artifacts_removed_at from pel.model_versions where model_version = %s", [version]) == [
        (None,)
    ]


def test_a_reason_that_has_passed_keeps_nothing(models: Warehouse) -> None:
    """Shown until another was, at an as_of that is not the newest; rejected; pre-trained before the newest."""
    for version in ("finetuned-shown-before", "finetuned-shown-after", "finetuned-rejected", "pretrained-2"):
        a_model(version, OLD)
    for version, as_of in [("shown-before", YOUNG), ("shown-after", YOUNG), ("champion-0", TODAY)]:
        models.rows(PUBLISH, [as_of, f"finetuned-{version}"])
    for statement in (WAITS, ANSWER):
        models.rows(statement, [OLD, "finetuned-rejected"])
    remove_artifacts(TODAY)
    left = {path.name for path in files("").iterdir() if not path.name.startswith("finetuned-champion")}
    assert left == {"finetuned-shown-after", "pretrained-2"}


def test_the_last_champions_stay_to_roll_back_to_and_one_before_them_says_that_it_cannot(models: Warehouse) -> None:
    a_model("finetuned-new", OLD)
    models.rows(PROMOTE, [OLD, "finetuned-new"])
    remove_artifacts(TODAY)
    assert not files("finetuned-champion-0").exists()
    with pytest.raises(WarehouseError, match=r"files of finetuned-champion-0 were removed on \d{4}-"):
        roll_back("finetuned-champion-0", as_of=TODAY)
    assert roll_back(as_of=TODAY) == (f"finetuned-champion-{KEEP_CHAMPIONS - 1}", TODAY)


def test_nobody_is_handed_a_model_without_files(models: Warehouse) -> None:
    models.rows("update pel.model_versions set artifacts_removed_at = now()")
    with connect() as connection:
        assert champion(connection, TODAY) is None
        assert newest(connection, "pretrained", TODAY) is None
        assert newest(connection, "finetuned", TODAY) is None


def test_a_model_that_is_made_again_has_its_files_again(models: Warehouse) -> None:
    model = a_model("finetuned-old", OLD)
    remove_artifacts(TODAY)
    with connect() as connection:
        register(connection, replace(model, artifact_sha256="another"))
        register(connection, replace(model, artifact_sha256="a third"))
        assert newest(connection, "finetuned", TODAY).artifact_sha256 == "another"


def test_a_removal_that_was_cut_short_is_done_by_the_next_but_not_to_files_written_since(models: Warehouse) -> None:
    a_model("finetuned-old", OLD)
    a_model("finetuned-again", OLD)
    models.rows("update pel.model_versions set artifacts_removed_at = now() where as_of = %s", [OLD])
    write("finetuned-again")
    remove_artifacts(TODAY)
    assert not files("finetuned-old").exists()
    assert files("finetuned-again").exists()


def test_what_a_run_left_that_never_ended_goes_once_it_is_old(models: Warehouse) -> None:
    days = LEFTOVER_DAYS + 1
    for version in ("finetuned-died", "pretrained-runs", "something-else", "replays/2014-01-01-died"):
        write(version, days_ago=days)
    write("replays/2014-07-01-runs")
    write("pretrained-runs", "newer")
    unfinished = write("finetuned-champion-0", "file.0.part", days_ago=days)
    being_written = write("finetuned-champion-0", "file.1.part")
    assert remove_artifacts(TODAY) == 3 * SIZE
    for gone in (files("finetuned-died"), files("replays/2014-01-01-died"), unfinished):
        assert not gone.exists()
    kept = ("pretrained-runs", "something-else", "finetuned-champion-0", "replays/2014-07-01-runs")
    assert being_written.exists()
    assert all(files(version).exists() for version in kept)


def test_without_any_artifacts_there_is_nothing_to_remove(models: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEL_ARTIFACTS_URL", files("nowhere").as_uri())
    assert ArtifactFolder(files("nowhere").as_uri()).names() == []
    assert remove_artifacts(TODAY) == 0
