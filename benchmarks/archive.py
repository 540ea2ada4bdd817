"""The films of the Kaggle archive as the pipeline sees them: through a Postgres of their own."""

import logging
import os
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from pel.features.films import cut
from pel.local.embedded import EmbeddedPostgres
from pel.sources import make_source
from pel.warehouse.ingest import ingest
from pel.warehouse.migrations import migrate
from pel.warehouse.provision import OWNER, PIPELINE, ROLES, database_url, provision
from pel.warehouse.resolve import resolve

logger = logging.getLogger("benchmarks")

SETTLE_DAYS = 180
# Every film of the archive is out, and its figures have settled.
AS_OF = date(2018, 6, 30)


@dataclass(frozen=True)
class Archive:
    """Films with a rating (A) and with a box office (B). Each looks back from its own release."""

    rated: pd.DataFrame
    paid: pd.DataFrame


def load(data: str) -> Archive:
    """Take in an archive, as downloaded from Kaggle, and compute its attributes."""
    with tempfile.TemporaryDirectory(prefix="pel-bench-") as folder:
        Path(folder).chmod(0o711)  # Postgres does not run as root, and has to reach its folder
        with EmbeddedPostgres(Path(folder) / "postgres", password="benchmark") as postgres:  # noqa: S106
            provision(postgres.admin_url, dict.fromkeys(ROLES, "benchmark"))
            migrate(database_url(postgres.admin_url, OWNER, "benchmark", "pel"))
            os.environ["PEL_DATABASE_URL"] = database_url(postgres.admin_url, PIPELINE, "benchmark", "pel")
            ingest(make_source("kaggle", data), settle_days=SETTLE_DAYS)
            resolve(settle_days=SETTLE_DAYS)
            return Archive(cut("pretrain", AS_OF).films(), cut("finetune", AS_OF).films())
