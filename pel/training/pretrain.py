"""Pre-training on ratings: Model_pretrain = pretrain(A), eq. 1.

A forward fold must not start from a model that saw the ratings of the films it is judged on, for at their time nobody
had rated them. So each base model is pre-trained once per cut-off date, on the films rated by then, and once for the
final fit. A fine-tuning run takes, for every fold, the newest of these states that is not younger than the fold.
"""

import logging
import math
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pandas as pd

from pel.ensemble.configuration import BEST
from pel.ensemble.folds import choose_cutoffs
from pel.ensemble.registry import make
from pel.features.encoder import FilmEncoder
from pel.features.films import Cut, cut, days
from pel.settings import Settings
from pel.training.devices import trained_on
from pel.training.looks import FORCED, Look
from pel.training.plan import PART, THREADS, Plan, open_plan, version_name
from pel.training.registry import ModelVersion, code_version, newest, register
from pel.training.thresholds import (
    HELD_OUT_YEARS,
    MAX_AGE_DAYS,
    MIN_HELD_OUT_FILMS,
    MIN_NEW_FILMS,
    MIN_NEW_SHARE,
    MIN_TRAINING_FILMS,
)
from pel.warehouse.connection import connect, lock_step

logger = logging.getLogger(__name__)

PARAMETERS: dict[str, Any] = {"seed": 0, "folds": 5, "first_share": 0.4}


class Wanted(NamedTuple):
    """How many newly rated films, what share of those of the last time, or what age is reason to pre-train."""

    min_new_films: int = MIN_NEW_FILMS
    min_new_share: float = MIN_NEW_SHARE
    max_age_days: int = MAX_AGE_DAYS


DEFAULT = Wanted()


def plan_pretraining(as_of: date, wanted: Wanted = DEFAULT, *, force: bool = False) -> str | None:
    """Decide whether to pre-train as of that date, and keep why; returns the version to make, or None.

    It does so the first time, when the code has changed, and when enough films were rated since the last time or that
    was long enough ago. ``force`` does it anyway. With too few films it does not do so at all.
    """
    rated, paid = cut("pretrain", as_of), cut("finetune", as_of).films()
    with connect() as connection:
        last = newest(connection, "pretrained", as_of)
    look = too_few(as_of, paid) or (FORCED if force else _look(last, as_of, len(rated.films()), wanted))
    if not look.keep("pretrained", as_of):
        return None
    return pretraining_plan(as_of, rated, paid, force=force).version


def pretraining_plan(as_of: date, rated: Cut, paid: pd.DataFrame, *, folder: str = "", force: bool = False) -> Plan:
    """Plan and keep, below the folder, how to pre-train on the rated films, for fine-tuning on those paid for."""
    cutoffs = _choose_cutoffs(as_of, paid)
    inputs = {"data": rated.sha256, "code": code_version(), "parameters": PARAMETERS, "cutoffs": cutoffs}
    plan = Plan(
        version=folder + version_name("pretrained", as_of, inputs, force=force),
        kind="pretrained",
        as_of=as_of,
        cutoffs=cutoffs,
        data_sha256=rated.sha256,
        code_version=code_version(),
        parameters=PARAMETERS,
    )
    logger.info("as of %s: it will be %s", as_of, plan.version)
    if not (plan.artifacts / PART).is_complete():
        with TemporaryDirectory(prefix="pel-") as local:
            _fit_encoders(plan, paid, Path(local))
            plan.save(rated, Path(local))
    return plan


def pretrain_base_model(version: str, name: str) -> None:
    """Pre-train one base model, once per cut-off and once for the final fit. Does nothing if it is done."""
    with open_plan(version) as (plan, films, folder), TemporaryDirectory(prefix="pel-") as local:
        if (plan.artifacts / name).is_complete():
            logger.info("%s is pre-trained already", name)
            return
        moments = plan.moments()
        for done, moment in enumerate(moments, start=1):
            rated = films[known_by(films, moment)]
            Z = FilmEncoder.load(encoder_file(folder, moment)).transform_training(rated)
            how = {"seed": plan.parameters["seed"], "threads": THREADS, "device": "auto"}
            model = make(name, **how, options=BEST.base_models[name])
            model.pretrain(Z, rated["label"].to_numpy()).save(Path(local) / moment)
            logger.info("%s: %s films rated by %s (fit %s of %s)", name, f"{len(Z):,}", moment, done, len(moments))
        plan.put(name, Path(local))


def finish_pretraining(version: str) -> ModelVersion:
    """Seal the pre-trained model, once all its base models are there."""
    with open_plan(version) as (plan, films, _):
        seal = plan.artifacts.seal([PART, *sorted(BEST.transferred)])
        devices = trained_on(plan, BEST.transferred, plan.as_of.isoformat())
        return plan.model(seal, {"films": len(films), "cutoffs": plan.cutoffs, "trained_on": devices})


def register_pretrained(version: str) -> None:
    """Keep the pre-trained model, once all its base models are there."""
    model = finish_pretraining(version)
    with connect() as connection:
        lock_step(connection, "register")
        register(connection, model)
    logger.info("%s is registered: pre-trained on %s films", version, f"{model.metrics['films']:,}")


def held_out_start(as_of: date) -> date:
    """First day of the held-out window: the last two years of films that had settled by then."""
    settled = as_of - timedelta(days=Settings.from_environment().settle_days)
    day = 28 if (settled.month, settled.day) == (2, 29) else settled.day
    return settled.replace(year=settled.year - HELD_OUT_YEARS, day=day)


def known_by(films: pd.DataFrame, moment: str) -> pd.Series:
    """Which films had their label known by that day."""
    return films["known_on"] <= pd.Timestamp(moment)


def encoder_file(folder: Path, moment: str) -> Path:
    """Where a plan keeps the encoder of a moment."""
    return folder / "encoders" / f"{moment}.safetensors"


def _look(last: ModelVersion | None, as_of: date, rated: int, wanted: Wanted) -> Look:
    """Whether there is reason to pre-train."""
    found: dict[str, Any] = {"rated_films": rated}
    if last is None:
        return Look(True, f"nothing was pre-trained before; {rated:,} films are rated", found)
    new, age = rated - last.metrics["films"], (as_of - last.as_of).days
    enough = min(wanted.min_new_films, math.ceil(wanted.min_new_share * last.metrics["films"]))
    found |= {"new_films": new, "wanted_new_films": enough, "age_days": age, "last": last.model_version}
    if last.code_version != code_version():
        return Look(True, f"the code has changed since {last.model_version}", found)
    if age >= wanted.max_age_days:
        return Look(
            True, f"{last.model_version} is {age:,} days old, at most {wanted.max_age_days:,} are wanted", found
        )
    reason = f"{new:,} films were rated since {last.model_version}, at least {enough:,} are wanted"
    return Look(new >= enough, reason, found)


def too_few(as_of: date, films: pd.DataFrame) -> Look | None:
    """Why nothing can be trained at all, if that is so."""
    start = held_out_start(as_of)
    before = int((films["known_on"] <= pd.Timestamp(start)).sum())
    after = int((films["released"] >= pd.Timestamp(start)).sum())
    if before >= MIN_TRAINING_FILMS and after >= MIN_HELD_OUT_FILMS:
        return None
    reason = (
        f"there are too few films: the box office of {before} was known by {start} (at least {MIN_TRAINING_FILMS} are "
        f"wanted), and {after} have come out since (at least {MIN_HELD_OUT_FILMS}); ingest more, or look from later"
    )
    return Look(False, reason, {"training_films": before, "held_out_films": after})


def _choose_cutoffs(as_of: date, films: pd.DataFrame) -> list[str]:
    """The cut-off dates of the forward folds, ISO."""
    chosen = choose_cutoffs(
        days(films["released"]),
        days(films["known_on"]),
        holdout_start=held_out_start(as_of),
        folds=PARAMETERS["folds"],
        first_share=PARAMETERS["first_share"],
    )
    return [str(cutoff) for cutoff in chosen]


def _fit_encoders(plan: Plan, films: pd.DataFrame, folder: Path) -> None:
    """One encoder per moment, fitted on the films whose box office was known by then: they are what it is for."""
    (folder / "encoders").mkdir()
    for moment in plan.moments():
        FilmEncoder().fit(films[known_by(films, moment)]).save(encoder_file(folder, moment))
