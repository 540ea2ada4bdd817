"""Pre-training on ratings: Model_pretrain = pretrain(A), eq. 1.

A forward fold must not start from a model that saw the ratings of the films it is judged on, for at their time nobody
had rated them. So each base model is pre-trained once per cut-off date, on the films rated by then, and once for the
final fit. A fine-tuning run takes, for every fold, the newest of these states that is not younger than the fold.
"""

import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from pel.features.encoder import FilmEncoder
from pel.features.films import cut, days
from pel.settings import Settings
from pel.training.plan import PART, THREADS, Plan, dates, name_version, open_plan
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
    films = cut("pretrain", as_of)
    last, rated, code = _last(as_of), len(films.films()), code_version()
    new = rated - (last.metrics["films"] if last else 0)
    if force:
        reason = "it was forced"
    elif last is None:
        reason = f"nothing was pre-trained before; {rated:,} films are rated"
    elif last.code_version != code:
        reason = f"the code has changed since {last.model_version}"
    elif new >= min_new_films:
        reason = f"{new:,} films were rated since {last.model_version}, at least {min_new_films:,} are wanted"
    else:
        logger.info(
            "as of %s: not pre-training, for %s films were rated since %s and at least %s are wanted",
            as_of, f"{new:,}", last.model_version, f"{min_new_films:,}",
        )  # fmt: skip
        return None
    cutoffs = choose_folds(as_of)
    if cutoffs is None:
        return None
    inputs = {"data": films.sha256, "code": code, "parameters": PARAMETERS, "cutoffs": cutoffs}
    version = name_version("pretrained", as_of, inputs, datetime.now(UTC).isoformat() if force else None)
    logger.info("as of %s: pre-training %s, for %s", as_of, version, reason)
    plan = Plan(
        version=version, kind="pretrained", as_of=as_of, cutoffs=cutoffs,
        data_sha256=films.sha256, code_version=code, parameters=PARAMETERS,
    )  # fmt: skip
    if not (plan.artifacts / PART).is_complete():
        with TemporaryDirectory(prefix="pel-") as local:
            _fit_encoders(plan, films.films(), Path(local))
            plan.save(films, Path(local))
    return version


def choose_folds(as_of: date) -> list[str] | None:
    """The cut-off dates of the forward folds as of a date, or None if there are too few films; says so in the log."""
    from pel.ensemble.folds import choose_cutoffs

    films = cut("finetune", as_of).films()
    released, known_on = days(films["released"]), days(films["known_on"])
    start = held_out_start(as_of)
    before, after = int((known_on <= dates([str(start)])[0]).sum()), int((released >= dates([str(start)])[0]).sum())
    if before < MIN_TRAINING_FILMS or after < MIN_HELD_OUT_FILMS:
        logger.info(
            "as of %s: not training, for the box office of %s films was known by %s (at least %s are wanted) and of "
            "%s films since (at least %s); ingest more films, or look from a later date",
            as_of, before, start, MIN_TRAINING_FILMS, after, MIN_HELD_OUT_FILMS,
        )  # fmt: skip
        return None
    chosen = choose_cutoffs(
        released, known_on, holdout_start=dates([str(start)])[0],
        folds=PARAMETERS["folds"], first_share=PARAMETERS["first_share"],
    )  # fmt: skip
    return [str(cutoff) for cutoff in chosen]


def held_out_start(as_of: date) -> date:
    """First day of the held-out window: the last two years of films that had settled by then."""
    settled = as_of - timedelta(days=Settings.from_environment().settle_days)
    day = 28 if (settled.month, settled.day) == (2, 29) else settled.day
    return settled.replace(year=settled.year - HELD_OUT_YEARS, day=day)


def pretrain_base_model(version: str, name: str) -> None:
    """Pre-train one base model, once per cut-off and once for the final fit. Does nothing if it is done."""
    from pel.ensemble.registry import make

    with open_plan(version) as (plan, films, folder), TemporaryDirectory(prefix="pel-") as local:
        if (plan.artifacts / name).is_complete():
            logger.info("%s is pre-trained already", name)
            return
        for done, moment in enumerate(plan.moments(), start=1):
            rows = films[rated_by(films, moment)]
            encoder = FilmEncoder.load(encoder_file(folder, moment))
            model = make(name, seed=plan.parameters["seed"], threads=THREADS, device="auto")
            model.pretrain(encoder.transform(rows), rows["label"].to_numpy())
            model.save(Path(local) / moment)
            logger.info("%s: pre-trained on %s films rated by %s (%s of %s)", name, f"{len(rows):,}", moment, done,
                        len(plan.moments()))  # fmt: skip
        (plan.artifacts / name).put(Path(local))


def register_pretrained(version: str) -> None:
    """Keep the pre-trained model, once all its base models are there."""
    from pel.ensemble.registry import BASE_MODELS

    with open_plan(version) as (plan, films, _):
        seal = plan.artifacts.seal([PART, *BASE_MODELS])
    with connect() as connection:
        lock_step(connection, "register")
        register(connection, plan.model(seal, {"films": len(films), "cutoffs": plan.cutoffs}))
    logger.info("%s is registered: pre-trained on %s films", version, f"{len(films):,}")


def rated_by(films: pd.DataFrame, moment: str) -> pd.Series:
    """Which films had their label known by that day."""
    return films["known_on"] <= pd.Timestamp(moment)


def encoder_file(folder: Path, moment: str) -> Path:
    """Where a plan keeps the encoder of a moment."""
    return folder / "encoders" / f"{moment}.safetensors"


def _fit_encoders(plan: Plan, films: pd.DataFrame, folder: Path) -> None:
    (folder / "encoders").mkdir()
    for moment in plan.moments():
        FilmEncoder().fit(films[rated_by(films, moment)]).save(encoder_file(folder, moment))


def _last(as_of: date) -> ModelVersion | None:
    with connect() as connection:
        return newest(connection, "pretrained", as_of)
