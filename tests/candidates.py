"""Candidates without the minutes of a fit: what was fitted once, under another name."""

import json
import shutil
from pathlib import Path

import numpy as np

from pel.ensemble.configuration import BEST
from pel.training.artifacts import MANIFEST, ArtifactFolder
from pel.training.finetune import IN_MEMORY, OUT_OF_FOLD
from tests.conftest import Trained


def finetuned(trained: Trained) -> str:
    """The version that the chain made."""
    return trained.warehouse.rows("select model_version from pel.model_versions where kind = 'finetuned'")[0][0]


def fitted_again(trained: Trained, name: str = "again") -> str:
    """The same fits as files of another version, to be registered."""
    version = finetuned(trained)
    folder = trained.artifacts / name
    shutil.copytree(trained.artifacts / version, folder)
    plan = json.loads((folder / "plan" / "plan.json").read_text())
    (folder / "plan" / "plan.json").write_text(json.dumps(plan | {"version": name}))
    rehash(folder / "plan")
    return name


def rehash(folder: Path) -> None:
    """Make what lies there what belongs there."""
    (folder / MANIFEST).unlink()
    ArtifactFolder(folder.as_uri()).put(folder)


def forecast(trained: Trained, name: str, out_of_fold: np.ndarray | float) -> None:
    """Let all base models of a candidate have forecast that, from before they were written to after they are read."""
    for base_model in BEST.base_models:
        folder = trained.artifacts / name / base_model
        kept = np.load(folder / OUT_OF_FOLD)
        np.save(folder / OUT_OF_FOLD, np.where(np.isnan(kept), kept, out_of_fold))
        rehash(folder)


def miss_in_memory(trained: Trained, name: str, by: float) -> None:
    """Let one base model of a candidate have forecast otherwise before it was written than after it is read."""
    folder = trained.artifacts / name / "catboost"
    np.save(folder / IN_MEMORY, np.load(folder / IN_MEMORY) + by)
    rehash(folder)
