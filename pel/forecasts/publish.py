"""Publish the champion's predictions for the films that are not out yet."""

import logging
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from psycopg.types.json import Jsonb

from pel.features.films import cut
from pel.training.model import FittedEnsemble
from pel.training.registry import ModelVersion, champion
from pel.warehouse.connection import connect, lock_step, query

logger = logging.getLogger(__name__)


def publish(as_of: date) -> int:
    """Predict what is upcoming as of that date with its champion; returns how many predictions are new.

    Predictions and their publication are one transaction: users see the old ones or the new ones, never a part.
    """
    with connect() as connection:
        model = champion(connection, as_of)
    if model is None:
        logger.info("as of %s: nothing to publish, for there is no champion; finetune_box_office says why", as_of)
        return 0
    films = cut("publish", as_of).films()
    if films.empty:
        logger.info("as of %s: nothing to publish, for no film in the catalogue is upcoming", as_of)
        return 0
    films = films[~films["film_id"].isin(_predicted(as_of, model.model_version))]
    if films.empty:
        logger.info("as of %s: nothing new to publish, for every upcoming film has its prediction by %s",
                    as_of, model.model_version)  # fmt: skip
    return _keep(as_of, model, films)


def _predicted(as_of: date, model_version: str) -> set[int]:
    with connect() as connection:
        rows = connection.execute(
            "select film_id from pel.predictions where as_of = %s and model_version = %s", [as_of, model_version]
        )
        return {film_id for (film_id,) in rows}


def _keep(as_of: date, model: ModelVersion, films: pd.DataFrame) -> int:
    with TemporaryDirectory(prefix="pel-") as local:
        said = FittedEnsemble(model, Path(local)).forecast(films)
    forecasts = said.assign(film_id=films["film_id"].to_numpy()).astype(object)
    rows = forecasts.where(forecasts.notna(), None).to_dict("records")
    key = {"as_of": as_of, "model_version": model.model_version}
    with connect() as connection:
        lock_step(connection, "publish")
        new = query(connection, "forecasts/insert", key | {"forecasts": Jsonb(rows)})
        published = query(connection, "forecasts/publish", key)
    if new:
        logger.info("as of %s: %s new predictions by %s", as_of, f"{len(new):,}", model.model_version)
    if published:
        logger.info("as of %s: users now see the predictions of %s", as_of, model.model_version)
    return len(new)
