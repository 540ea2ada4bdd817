"""What one training run is going to do, decided once, so that all of its tasks work on the same rows.

A plan lies with the artifacts of the model version that it will make: the rows as CSV and the decisions as JSON.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from pel.features.films import Cut, read_csv
from pel.settings import Settings
from pel.training.artifacts import ArtifactFolder, artifacts_of
from pel.training.registry import Kind, ModelVersion
from pel.warehouse.connection import connect, lock_step

PART = "plan"
FILMS = "films.csv"

# Training tasks run one at a time on a small machine, and one core is left to Airflow and Postgres: threads that wait
# for a core that someone else has make a fit ten times slower. A container may have fewer cores than it sees.
THREADS = Settings.from_environment().threads or max(1, (os.cpu_count() or 1) - 1)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One training run.

    Attributes:
        version: Name of the model that it makes.
        kind: Whether it pre-trains or fine-tunes.
        as_of: Date from which it looks.
        cutoffs: Dates from which the forward folds look, ISO; the last is the start of the held-out window.
        data_sha256: Fingerprint of the rows.
        code_version: Fingerprint of the code.
        parameters: Parameters of the fit.
        pretrained_version: The pre-trained model to start from, when fine-tuning.
        pretrained_sha256: Its seal.
    """

    version: str
    kind: Kind
    as_of: date
    cutoffs: list[str]
    data_sha256: str
    code_version: str
    parameters: dict[str, Any]
    pretrained_version: str | None = None
    pretrained_sha256: str | None = None

    @property
    def artifacts(self) -> ArtifactFolder:
        """Where the files of the run lie."""
        return artifacts_of(self.version)

    def moments(self) -> list[str]:
        """The dates for which there is a pre-trained state: every cut-off, and as_of for the final fit."""
        return [*self.cutoffs, self.as_of.isoformat()]

    def save(self, cut: Cut, extra: Path) -> None:
        """Keep the plan, its rows, and the files of the folder ``extra``."""
        (extra / FILMS).write_bytes(cut.csv)
        (extra / "plan.json").write_text(json.dumps(asdict(self), default=str, indent=1, sort_keys=True))
        self.put(PART, extra)

    def put(self, part: str, local: Path) -> None:
        """Keep the files of a folder as that part, unless it is there already.

        A task that was given up for dead and goes on all the same comes here after the one that took its place: its
        files say the same in other bytes, and the model that is registered by then would not be its own any more.
        """
        with connect() as connection:
            lock_step(connection, f"{part} of {self.version}")
            if not (self.artifacts / part).is_complete():
                (self.artifacts / part).put(local)

    def model(self, artifact_sha256: str, metrics: dict[str, Any]) -> ModelVersion:
        """The row of the finished model."""
        return ModelVersion(
            model_version=self.version,
            kind=self.kind,
            as_of=self.as_of,
            pretrained_version=self.pretrained_version,
            code_version=self.code_version,
            data_sha256=self.data_sha256,
            parameters=self.parameters,
            metrics=metrics,
            artifact_url=self.artifacts.url,
            artifact_sha256=artifact_sha256,
        )


def version_name(kind: Kind, as_of: date, inputs: dict[str, Any], *, force: bool) -> str:
    """The name of the model that these inputs make; equal inputs make an equal name, but a forced run has its own."""
    if force:
        inputs = inputs | {"forced_at": datetime.now(UTC).isoformat()}
    digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
    return f"{kind}-{as_of}-{digest[:10]}"


@contextmanager
def open_plan(version: str) -> Iterator[tuple[Plan, pd.DataFrame, Path]]:
    """The plan of a version, its rows, and a local folder with the plan's files that is gone afterwards."""
    with TemporaryDirectory(prefix="pel-") as local:
        folder = (artifacts_of(version) / PART).get(Path(local))
        fields = json.loads((folder / "plan.json").read_text())
        plan = Plan(**(fields | {"as_of": date.fromisoformat(fields["as_of"])}))
        yield plan, read_csv((folder / FILMS).read_bytes()), folder
