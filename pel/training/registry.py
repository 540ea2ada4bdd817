"""Models in Postgres: register them with their lineage, find them as of a date, decide which one is the champion."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from psycopg.types.json import Jsonb

from pel.settings import PROJECT
from pel.warehouse.connection import Connection, query, run

Kind = Literal["pretrained", "finetuned"]

# What a model's numbers depend on; a change in any of it makes another model out of the same data.
CODE = ["pel/features", "pel/ensemble", "pel/training", "sql/features"]


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """A row of ``pel.model_versions``."""

    model_version: str
    kind: Kind
    as_of: date
    pretrained_version: str | None
    code_version: str
    data_sha256: str
    parameters: dict[str, Any]
    metrics: dict[str, Any]
    artifact_url: str
    artifact_sha256: str


def code_version() -> str:
    """SHA-256 over the files that a model's numbers depend on."""
    digest = hashlib.sha256()
    for folder in CODE:
        for file in sorted((PROJECT / folder).rglob("*")):
            if file.suffix in {".py", ".sql"}:
                digest.update(file.relative_to(PROJECT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def register(connection: Connection, model: ModelVersion) -> None:
    """Keep a model; once it is kept it does not change."""
    row = asdict(model) | {"parameters": Jsonb(model.parameters), "metrics": Jsonb(model.metrics)}
    run(connection, "models/register", row)


def registered(connection: Connection, model_version: str) -> ModelVersion:
    """The model of this name."""
    (model,) = _all(connection, "models/registered", {"model_version": model_version})
    return model


def newest(connection: Connection, kind: Kind, as_of: date) -> ModelVersion | None:
    """The newest model of a kind that looks no further than ``as_of``."""
    return _one(connection, "models/newest", {"kind": kind, "as_of": as_of})


def champion(connection: Connection, as_of: date) -> ModelVersion | None:
    """The model whose predictions are published for ``as_of``."""
    return _one(connection, "models/champion", {"as_of": as_of})


def _one(connection: Connection, name: str, parameters: dict[str, Any]) -> ModelVersion | None:
    models = _all(connection, name, parameters)
    return models[0] if models else None


def _all(connection: Connection, name: str, parameters: dict[str, Any]) -> list[ModelVersion]:
    rows = query(connection, name, parameters)
    return [ModelVersion(**dict(zip(ModelVersion.__dataclass_fields__, row, strict=True))) for row in rows]
