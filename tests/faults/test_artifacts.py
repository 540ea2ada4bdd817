"""The champion's files broken, and a training run whose files were left half-written."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pel.forecasts.publish import publish
from pel.training.artifacts import ArtifactError
from tests.chain import AS_OF, finetune
from tests.conftest import Trained, Warehouse
from tests.faults.conftest import Keep, forget_finetuning
from tests.faults.rows import Rows, rows_of

LATER = AS_OF + timedelta(days=30)
SHOWN = "select film_id, as_of, predicted_dollars from upcoming_predictions order by film_id"
BREAK: dict[str, Callable[[Path], object]] = {
    "broken": lambda file: file.write_bytes(file.read_bytes()[:-1] + b"?"),
    "empty": lambda file: file.write_bytes(b""),
    "half-written": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "missing": lambda file: file.unlink(),
}


@pytest.fixture(scope="module")
def published_later(trained_once: Trained, copy_database: Callable[[str], Warehouse]) -> Rows:
    """The rows once forecasts are published as of LATER, and nothing was broken."""
    copied = copy_database(trained_once.warehouse.database)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PEL_DATABASE_URL", copied.url())
        publish(LATER)
    return rows_of(copied.rows)


@pytest.mark.parametrize("how", BREAK)
def test_a_file_of_the_champion_is(trained: Trained, published_later: Rows, keep: Keep, how: str) -> None:
    shown = trained.warehouse.rows(SHOWN, role="pel_reader")
    file = next(trained.artifacts.glob("finetuned-*/lightgbm/model/*.txt"))
    whole = file.read_bytes()
    BREAK[how](file)
    with pytest.raises(ArtifactError, match=rf"{file.name} (has SHA-256|is missing)"):
        publish(LATER)
    assert shown
    assert trained.warehouse.rows(SHOWN, role="pel_reader") == shown
    file.write_bytes(whole)
    publish(LATER)
    keep(
        f"a file of the champion is {how}",
        "publishing refuses the model, is red at once and names the file; once it is restored, it goes on",
        difference=rows_of(trained.warehouse.rows).compared_with(published_later),
    )


def test_a_run_died_while_it_wrote(trained: Trained, undisturbed: Rows, keep: Keep) -> None:
    """Of one base model some files are there and no manifest, of another a file has only its temporary name."""
    folder = next(trained.artifacts.glob("finetuned-*"))
    forget_finetuning(trained.warehouse)
    (folder / "catboost" / "manifest.json").unlink()
    next(folder.glob("catboost/model/*")).write_bytes(b"half")
    shutil.rmtree(folder / "lightgbm")
    (folder / "lightgbm").mkdir()
    (folder / "lightgbm" / "out_of_fold.npy.part").write_bytes(b"half")
    finetune()
    publish(AS_OF)
    keep(
        "a training run died while it wrote a model's files",
        "what has no manifest counts as not written and is fitted again, what has one is kept",
        difference=rows_of(trained.warehouse.rows).compared_with(undisturbed),
    )
