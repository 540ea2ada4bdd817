"""Replays: the whole, attributes to forecasts, done again for a past date, to see how right it would have been.

It is what the pipeline would have done on that day with its first look: the same steps, but no look, no candidate, no
champion and no publication. What a replay says goes into tables of its own, and its models are deleted when it is done.
"""

import hashlib
import json
import logging
import time
from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from psycopg.types.json import Jsonb

from pel.ensemble.configuration import BEST
from pel.features.films import HORIZON_DAYS, LEAST_DOLLARS, Cut, Purpose, cuts
from pel.settings import Settings
from pel.training import finetune, pretrain, promote
from pel.training.artifacts import REPLAYS, artifacts_of
from pel.training.model import FittedEnsemble
from pel.training.registry import ModelVersion, code_version
from pel.warehouse.connection import connect, lock_step, query, run

logger = logging.getLogger(__name__)

SAID = ("log10_dollars", "low_50", "high_50", "low_80", "high_80", "low_95", "high_95")
PURPOSES: tuple[Purpose, ...] = ("pretrain", "finetune", "publish")


@dataclass(frozen=True)
class Clock:
    """When a replay began, and how long its stages took."""

    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure one stage."""
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 1)
        logger.info("%s took %.1f s", name, self.seconds[name])


@dataclass(frozen=True)
class Replay:
    """One past date, and the films as they were known then."""

    as_of: date
    films: dict[Purpose, Cut]

    @cached_property
    def inputs(self) -> dict[str, Any]:
        """All that the forecasts depend on, as columns of ``pel.replays``. Equal inputs give equal forecasts."""
        hashes = "".join(self.films[purpose].sha256 for purpose in PURPOSES)
        parameters = {
            "pretrain": pretrain.PARAMETERS,
            "finetune": finetune.PARAMETERS,
            "settle_days": Settings.from_environment().settle_days,
            "least_dollars": LEAST_DOLLARS,
            "horizon_days": HORIZON_DAYS,
        }
        return {
            "as_of": self.as_of,
            "code_version": code_version(),
            "data_sha256": hashlib.sha256(hashes.encode()).hexdigest(),
            "parameters": parameters,
        }

    @cached_property
    def folder(self) -> str:
        """Where its models lie until it is done; it is there again after an interruption."""
        digest = hashlib.sha256(json.dumps(self.inputs, default=str, sort_keys=True).encode()).hexdigest()
        return f"{REPLAYS}/{self.as_of}-{digest[:10]}/"


def dates(first: date, last: date, every: int) -> list[date]:
    """The dates to replay: the first, and each some months after the one before, up to the last.

    Raises ValueError if there is none, or one that is not past.
    """
    if every < 1:
        raise ValueError(f"every is {every}; the months between two dates have to be 1 or more.")
    if first > last:
        raise ValueError(f"from is {first}, which is after to, {last}; there is no date between them to replay.")
    if last >= datetime.now(UTC).date():
        raise ValueError(f"to is {last}; only past dates can be replayed.")
    months = 12 * (last.year - first.year) + last.month - first.month
    days = [_months_after(first, n) for n in range(0, months + 1, every)]
    return [day for day in days if day <= last]


def replay(as_of: date, *, force: bool = False) -> bool:
    """Do the whole for a past date; returns whether it was done.

    It is not done if it was done already with the same films, code and parameters, unless forced.

    Raises:
        ValueError: Too few films were known then.
    """
    clock = Clock()
    with clock.stage("attributes"):
        this = Replay(as_of, cuts(PURPOSES, as_of))
    again = force or not _is_kept(this)
    if again:
        _make(this, clock)
    else:
        logger.info("%s was replayed already with the same films, code and parameters", as_of)
    artifacts_of(this.folder).remove()
    return again


def _make(this: Replay, clock: Clock) -> None:
    paid = this.films["finetune"].films()
    if few := pretrain.too_few(this.as_of, paid):
        raise ValueError(f"{this.as_of} cannot be replayed: {few.reason}.")
    with clock.stage("pretrain"):
        pretrained = _pretrain(this, paid)
    with clock.stage("finetune"):
        finetuned = _finetune(this, pretrained)
    with clock.stage("forecast"):
        forecasts = _forecast(finetuned, this.films["publish"].films())
    _keep(this, clock, pretrained, finetuned, forecasts)


def _pretrain(this: Replay, paid: pd.DataFrame) -> ModelVersion:
    plan = pretrain.pretraining_plan(this.as_of, this.films["pretrain"], paid, folder=this.folder)
    for name in sorted(BEST.transferred):
        pretrain.pretrain_base_model(plan.version, name)
    return pretrain.finish_pretraining(plan.version)


def _finetune(this: Replay, pretrained: ModelVersion) -> ModelVersion:
    plan = finetune.finetuning_plan(this.as_of, this.films["finetune"], pretrained, folder=this.folder)
    for name in BEST.base_models:
        finetune.fit_base_model(plan.version, name)
    return promote.finish_finetuning(plan.version).model


def _forecast(model: ModelVersion, films: pd.DataFrame) -> pd.DataFrame:
    """One row a film, with the columns of ``pel.replay_predictions``."""
    if films.empty:
        return films
    forecasts = films[["film_id", "release_precision"]].assign(
        release_date=films["release_date"].dt.strftime("%Y-%m-%d"), budget_known=films["budget"].notna()
    )
    with TemporaryDirectory(prefix="pel-") as local:
        said = FittedEnsemble(model, Path(local)).forecast(films)
    return forecasts.assign(**{name: said[name].to_numpy() for name in SAID})


def _is_kept(this: Replay) -> bool:
    with connect() as connection:
        return bool(query(connection, "replays/kept", this.inputs | {"parameters": Jsonb(this.inputs["parameters"])}))


def _keep(
    this: Replay, clock: Clock, pretrained: ModelVersion, finetuned: ModelVersion, forecasts: pd.DataFrame
) -> None:
    row = this.inputs | {
        "parameters": Jsonb(this.inputs["parameters"]),
        "pretrained_version": pretrained.model_version.removeprefix(this.folder),
        "finetuned_version": finetuned.model_version.removeprefix(this.folder),
        "held_out": Jsonb(finetuned.metrics["held_out"]),
        "seconds": Jsonb(clock.seconds),
        "started_at": clock.started_at,
        "films": Jsonb(forecasts.to_dict("records")),
    }
    with connect() as connection:
        lock_step(connection, "replay")
        run(connection, "replays/keep", row)
    logger.info("%s is replayed: %s films forecast", this.as_of, f"{len(forecasts):,}")


def _months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last there is."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
