"""Explain the predictions that have no explanation yet: what drives each, and which past films are like the film."""

import logging
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from psycopg.types.json import Jsonb

from pel.features.attributes import ATTRIBUTES
from pel.features.films import cuts
from pel.forecasts.drivers import Drivers, Explainer, typical
from pel.forecasts.similar import SimilarFilms
from pel.training.model import FittedEnsemble
from pel.training.registry import ModelVersion, champion
from pel.warehouse.connection import connect, query

logger = logging.getLogger(__name__)

# Films that are explained and kept at a time; a run that dies goes on after them.
SOME = 20
# log10 dollars: another machine may round otherwise; a film with other facts is elsewhere.
SAME = 1e-7
# Effects are kept to this many decimals.
DECIMALS = 9
SECONDS_BETWEEN_WORDS = 5


def explain(as_of: date) -> int:
    """Explain what the champion has predicted as of that date and is not explained; returns how many that were.

    A film of which something else is known by now than when it was predicted cannot be explained any more.
    """
    with connect() as connection:
        model = champion(connection, as_of)
        forecasts = dict(query(connection, "forecasts/unexplained", _key(as_of, model))) if model else {}
    if model is None or not forecasts:
        logger.info("as of %s: every prediction of the champion is explained", as_of)
        return 0
    known = cuts(["publish", "finetune"], as_of)
    films, past = known["publish"].films(), known["finetune"].films()
    films = films.assign(forecast=films["film_id"].map(forecasts))
    with TemporaryDirectory(prefix="pel-") as local:
        ensemble = FittedEnsemble(model, Path(local))
        films = _as_predicted(ensemble, films[films["forecast"].notna()].reset_index(drop=True))
        if len(films) < len(forecasts):
            logger.warning("as of %s: %s predictions stay unexplained, for other facts are known of these films by now",
                           as_of, len(forecasts) - len(films))  # fmt: skip
        explained = sum(_keep(as_of, model, rows) for rows in _explanations(ensemble, films, past))
    logger.info("as of %s: %s predictions of %s explained", as_of, f"{explained:,}", model.model_version)
    return explained


def _as_predicted(model: FittedEnsemble, films: pd.DataFrame) -> pd.DataFrame:
    """Those of which the model says today what was published."""
    if films.empty:
        return films
    said = model.forecast(films)["log10_dollars"]
    return films[(said - films["forecast"]).abs() < SAME]


def _explanations(model: FittedEnsemble, films: pd.DataFrame, past: pd.DataFrame) -> Iterator[list[dict[str, Any]]]:
    """Rows of ``pel.explanations``, some films at a time, and how far it is every few seconds."""
    if films.empty:
        return
    explainer, similar = _explainer(model), SimilarFilms(model, past)
    began = said_at = time.monotonic()
    for start in range(0, len(films), SOME):
        some = films.iloc[start : start + SOME]
        drivers = explainer.explain(model.fill(some))
        yield [
            {"film_id": film_id, "similar_films": alike.film_ids, "similarities": alike.similarities} | row
            for film_id, alike, row in zip(some["film_id"].tolist(), similar.to(some), _rows(drivers), strict=True)
        ]
        done, now = start + len(some), time.monotonic()
        if now - said_at > SECONDS_BETWEEN_WORDS:
            said_at = now
            left = (now - began) / done * (len(films) - done)
            logger.info("explained %s of %s, about %.0f s left", f"{done:,}", f"{len(films):,}", left)


def _explainer(model: FittedEnsemble) -> Explainer:
    """Explains against a few of the films that the model was fitted on, the same for as long as it is the champion."""
    films = model.training_films()
    filled = model.fill(films)
    places = typical(model.inputs(films), model.predict(filled))
    return Explainer(model.predict, filled.iloc[places])


def _rows(drivers: Drivers) -> Iterator[dict[str, Any]]:
    for effects, details in zip(drivers.attributes.round(DECIMALS), drivers.details.round(DECIMALS), strict=True):
        parts: dict[str, dict[str, float]] = {}
        for (attribute, detail), effect in zip(drivers.detail_names, details.tolist(), strict=True):
            if effect:
                parts.setdefault(attribute, {})[detail] = effect
        yield {
            "base": drivers.base,
            "effects": dict(zip(ATTRIBUTES, effects.tolist(), strict=True)),
            "details": parts,
        }


def _keep(as_of: date, model: ModelVersion, rows: list[dict[str, Any]]) -> int:
    with connect() as connection:
        return len(query(connection, "forecasts/explain", _key(as_of, model) | {"explanations": Jsonb(rows)}))


def _key(as_of: date, model: ModelVersion) -> dict[str, Any]:
    return {"as_of": as_of, "model_version": model.model_version}
