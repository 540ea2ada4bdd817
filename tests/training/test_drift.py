from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from psycopg.types.json import Jsonb

from pel.features.films import cut
from pel.training.drift import describe, measure, stability
from pel.training.finetune import plan_finetuning
from pel.training.thresholds import DRIFT_DAYS, FORWARD_ERROR, MIN_POPULATION, STABILITY
from tests.candidates import finetuned
from tests.chain import AS_OF
from tests.conftest import Trained

# Many of the films that were upcoming have come out by then, and have settled.
TWO_YEARS_ON = AS_OF.replace(year=1987)
MADE = "update pel.model_versions set {} = %s where model_version = %s"
LOOK = "select trains, reason from pel.training_looks where kind = 'finetuned' order by look_id desc limit 1"


def upcoming(as_of: date) -> pd.DataFrame:
    return cut("publish", as_of).films()


def made_for(trained: Trained, films: pd.DataFrame, as_of: date) -> None:
    """Let the champion have been made when those films were upcoming, of all films that can be learned from then."""
    model = finetuned(trained)
    metrics = trained.warehouse.rows("select metrics from pel.model_versions where model_version = %s", [model])[0][0]
    values = {"metrics": Jsonb(metrics | {"upcoming": describe(films)}), "data_sha256": cut("finetune", as_of).sha256}
    for column, value in values.items():
        trained.warehouse.rows(MADE.format(column), [value, model], role="pel_owner")


def test_the_same_films_have_not_drifted_and_one_half_of_them_from_the_other_by_no_more_than_chance(
    trained: Trained,
) -> None:
    films = upcoming(AS_OF.replace(year=2013))
    assert len(films) >= 2 * MIN_POPULATION
    assert set(stability(describe(films), films).values()) == {0.0}
    order = np.random.default_rng(0).permutation(len(films))
    one, other = films.iloc[order[::2]], films.iloc[order[1::2]]
    assert max(stability(describe(one), other).values()) < STABILITY


def test_films_of_the_next_year_are_alike_and_those_of_a_generation_later_are_not(trained: Trained) -> None:
    films = describe(upcoming(AS_OF))
    assert max(stability(films, upcoming(AS_OF.replace(year=1986))).values()) < STABILITY
    assert max(stability(films, upcoming(AS_OF.replace(year=2013))).values()) > STABILITY


def test_a_value_that_nobody_knows_any_more_is_drift(trained: Trained) -> None:
    films = upcoming(AS_OF)
    unknown = stability(describe(films), films.assign(director_box_office=np.nan))
    assert [name for name, index in unknown.items() if index > STABILITY] == ["director_box_office"]


def test_drift_is_a_reason_to_fine_tune_after_a_pause(trained: Trained) -> None:
    of_2013 = upcoming(AS_OF.replace(year=2013))
    for days, trains in [(DRIFT_DAYS - 1, False), (DRIFT_DAYS, True)]:
        as_of = AS_OF + timedelta(days)
        made_for(trained, of_2013, as_of)
        assert (plan_finetuning(as_of) is not None) is trains
        ((kept, reason),) = trained.warehouse.rows(LOOK)
        assert kept is trains
        assert ("drift of " in reason) is trains
        drifted = trained.warehouse.rows(
            "select count(*) from model_drift where drifted and as_of = %s", [as_of], role="pel_reader"
        )
        assert drifted[0][0] > 0


def test_without_drift_there_is_no_reason(trained: Trained) -> None:
    as_of = AS_OF + timedelta(DRIFT_DAYS)
    made_for(trained, upcoming(as_of), as_of)
    assert plan_finetuning(as_of) is None
    shown = trained.warehouse.rows("select measure, value, threshold, drifted, model_version from model_drift")
    assert {row[0]: row[1:] for row in shown}["genres"] == (0.0, STABILITY, False, finetuned(trained))


def test_forecasts_that_came_true_are_no_drift_and_those_that_did_not_are(trained: Trained) -> None:
    ((before,),) = [[drift for drift in measure(TWO_YEARS_ON) if drift.measure == "forward_error"]]
    assert before.films >= 30
    assert not before.passed
    accuracy = trained.warehouse.rows(
        "select avg(abs(error_log10)), count(*) from prediction_accuracy a join pel.box_office b using (film_id) "
        "where b.known_on <= %s and b.dollars >= 100000", [TWO_YEARS_ON]
    )  # fmt: skip
    held_out = trained.warehouse.rows("select mae_log10 from model_scoreboard where predictor = 'ensemble'")
    assert (before.value, before.films) == (pytest.approx(accuracy[0][0] / held_out[0][0]), accuracy[0][1])

    trained.warehouse.rows(
        "update pel.box_office set dollars = dollars * 20 where film_id in (select film_id from pel.predictions)"
    )
    ((after,),) = [[drift for drift in measure(TWO_YEARS_ON) if drift.measure == "forward_error"]]
    assert after.value >= FORWARD_ERROR
    assert after.passed


def test_without_a_champion_nothing_drifts(trained: Trained) -> None:
    trained.warehouse.rows("truncate pel.promotions", role="pel_owner")
    assert measure(AS_OF) == []
