"""Pre-training on ratings: Model_pretrain = pretrain(A), eq. 1.

A forward fold must not start from a model that saw the ratings of the films it is judged on, for at their time nobody
had rated them. So each base model is pre-trained once per cut-off date, on the films rated by then, and once for the
final fit. A fine-tuning run takes, for every fold, the newest of these states that is not younger than the fold.
"""

import logging
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from pel.ensemble.configuration import BEST
from pel.ensemble.folds import choose_cutoffs
from pel.ensemble.registry import make
from pel.features.encoder import FilmEncoder
from pel.features.films import cut, days
from pel.settings import Settings
from pel.training.plan import PART, THREADS, Plan, open_plan, version_name
from pel.training.registry import ModelVersion, code_version, newest, register
from pel.training.thresholds import HELD_OUT_YEARS, MIN_HELD_OUT_FILMS, MIN_NEW_FILMS, MIN_TRAINING_FILMS
from pel.warehouse.connection import connect, lock_step

logger = logging.getLogger(__name__)

PARAMETERS: dict[str, Any] = {"seed": 0, "folds": 5, "first_share": 0.4}


def plan_pretraining(as_of: date, *, min_new_films: int = MIN_NEW_FILMS, force: bool = False) -> str | None:
    """Decide whether to pre-train as of that date, and say why; returns the version to make, or None.

    It does so the first time, when the code has changed, and when at least ``min_new_films`` were rated since the
    last time. ``force`` does it anyway.
    """
    rated = cut("pretrain", as_of)
    films = rated.films()
    with connect() as connection:
        last = newest(connection, "pretrained", as_of)
    wanted, why = _reason(last, len(films), min_new_films, force)
    if not wanted:
        logger.info("as of %s: not pre-training: %s", as_of, why)
        return None
    paid = cut("finetune", as_of).films()
    cutoffs = _choose_cutoffs(as_of, paid)
    if cutoffs is None:
        logger.info("as of %s: not pre-training: there are too few films", as_of)
        return None
    inputs = {"data": rated.sha256, "code": code_version(), "parameters": PARAMETERS, "cutoffs": cutoffs}
    plan = Plan(
        version=version_name("pretrained", as_of, inputs, force=force),
        kind="pretrained",
        as_of=as_of,
        cutoffs=cutoffs,
        data_sha256=rated.sha256,
        code_version=code_version(),
        parameters=PARAMETERS,
    )
    logger.info("as of %s: pre-training %s: %s", as_of, plan.version, why)
    if not (plan.artifacts / PART).is_complete():
        with TemporaryDirectory(prefix="pel-") as local:
            _fit_encoders(plan, paid, Path(local))
            plan.save(rated, Path(local))
    return plan.version


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
        (plan.artifacts / name).put(Path(local))


def register_pretrained(version: str) -> None:
    """Keep the pre-trained model, once all its base models are there."""
    with open_plan(version) as (plan, films, _):
        seal = plan.artifacts.seal([PART, *sorted(BEST.transferred)])
    with connect() as connection:
        lock_step(connection, "register")
        register(connection, plan.model(seal, {"films": len(films), "cutoffs": plan.cutoffs}))
    logger.info("%s is registered: pre-trained on %s films", version, f"{len(films):,}")


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


def _reason(last: ModelVersion | None, rated: int, min_new_films: int, force: bool) -> tuple[bool, str]:
    """Whether to pre-train, and why or why not."""
    if force:
        return True, "it was forced"
    if last is None:
        return True, f"nothing was pre-trained before; {rated:,} films are rated"
    if last.code_version != code_version():
        return True, f"the code has changed since {last.model_version}"
    new = rated - last.metrics["films"]
    why = f"{new:,} films were rated since {last.model_version}, at least {min_new_films:,} are wanted"
    return new >= min_new_films, why


def _choose_cutoffs(as_of: date, films: pd.DataFrame) -> list[str] | None:
    """The cut-off dates of the forward folds, ISO; None, with the reason in the log, if there are too few films."""
    start = np.datetime64(held_out_start(as_of))
    released, known_on = days(films["released"]), days(films["known_on"])
    before, after = int((known_on <= start).sum()), int((released >= start).sum())
    if before < MIN_TRAINING_FILMS or after < MIN_HELD_OUT_FILMS:
        logger.info(
            "the box office of %s films was known by %s (at least %s are wanted), and of %s films released since "
            "(at least %s); ingest more films, or look from a later date",
            *(before, start, MIN_TRAINING_FILMS, after, MIN_HELD_OUT_FILMS),
        )
        return None
    chosen = choose_cutoffs(
        released,
        known_on,
        holdout_start=start,
        folds=PARAMETERS["folds"],
        first_share=PARAMETERS["first_share"],
    )
    return [str(cutoff) for cutoff in chosen]


def _fit_encoders(plan: Plan, films: pd.DataFrame, folder: Path) -> None:
    """One encoder per moment, fitted on the films whose box office was known by then: they are what it is for."""
    (folder / "encoders").mkdir()
    for moment in plan.moments():
        FilmEncoder().fit(films[known_by(films, moment)]).save(encoder_file(folder, moment))
