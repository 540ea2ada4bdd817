import logging
import math
from datetime import timedelta

import psycopg
import pytest

from pel.forecasts.publish import publish
from pel.training.artifacts import ArtifactError
from tests.chain import AS_OF, run_chain
from tests.conftest import Trained
from tests.films import a_film, take_in

LATER = AS_OF + timedelta(days=30)


def test_every_film_upcoming_within_a_year_has_one_prediction(trained: Trained) -> None:
    upcoming = trained.warehouse.rows(
        "select film_id from pel.films where release_date > %s and release_date <= %s order by 1",
        [AS_OF, AS_OF + timedelta(days=365)],
    )
    predicted = trained.warehouse.rows("select film_id from upcoming_predictions order by 1", role="pel_reader")
    assert predicted == upcoming
    assert len(predicted) > 100


def test_dollars_are_ten_to_the_power_of_the_prediction(trained: Trained) -> None:
    rows = trained.warehouse.rows("select predicted_dollars, predicted_log10_dollars from upcoming_predictions")
    assert all(math.isclose(float(dollars), 10**log10, abs_tol=1, rel_tol=1e-9) for dollars, log10 in rows)


def test_wider_ranges_lie_around_narrower_ones_and_all_around_the_prediction(trained: Trained) -> None:
    rows = trained.warehouse.rows(
        """
        select low_95_dollars, low_80_dollars, low_50_dollars, predicted_dollars,
               high_50_dollars, high_80_dollars, high_95_dollars
        from upcoming_predictions
        """,
        role="pel_reader",
    )
    assert all(list(row) == sorted(row) and row[1] < row[3] < row[5] for row in rows)


def test_the_probability_of_passing_a_mark_agrees_with_prediction_and_ranges(trained: Trained) -> None:
    rows = trained.warehouse.rows(
        """
        select predicted_dollars, low_80_dollars, high_80_dollars, passes_10m, passes_50m, passes_100m, passes_500m
        from upcoming_predictions
        """,
        role="pel_reader",
    )
    for predicted, low, high, *probabilities in rows:
        assert probabilities == sorted(probabilities, reverse=True)
        for mark, probability in zip((10e6, 50e6, 100e6, 500e6), probabilities, strict=True):
            # at the edges a probability goes in steps, of one film of the calibration each
            if not math.isclose(predicted, mark, rel_tol=0.2):
                assert (probability > 0.5) == (predicted > mark)
            if probability < 0.05 or probability > 0.95:
                assert not low < mark < high


def test_a_film_without_a_known_budget_has_no_probability_of_passing_it(trained: Trained) -> None:
    take_in(a_film("Cheap", "1985-06-01", budget=1_000_000), a_film("Dear", "1985-06-01", budget=90_000_000))
    take_in(a_film("Whatever", "1985-06-01"))
    publish(AS_OF)
    passes = dict(trained.warehouse.rows("select title, passes_budget from upcoming_predictions"))
    assert passes["Cheap"] > passes["Dear"] > 0
    assert passes["Whatever"] is None


def test_publishing_again_adds_nothing_and_says_so(trained: Trained, caplog: pytest.LogCaptureFixture) -> None:
    before = trained.warehouse.rows("select * from pel.predictions order by film_id")
    with caplog.at_level(logging.INFO):
        assert publish(AS_OF) == 0
    assert trained.warehouse.rows("select * from pel.predictions order by film_id") == before
    assert trained.warehouse.rows("select count(*) from pel.publications") == [(1,)]
    assert "every upcoming film has its prediction" in caplog.text


def test_the_whole_chain_again_makes_no_model_and_no_prediction(trained: Trained) -> None:
    counts = "select (select count(*) from pel.model_versions), (select count(*) from pel.predictions)"
    before = trained.warehouse.rows(counts)
    assert run_chain() == 0
    assert trained.warehouse.rows(counts) == before


def test_the_same_model_on_another_day_predicts_again_and_keeps_what_it_said(trained: Trained) -> None:
    before = trained.warehouse.rows("select * from pel.predictions where as_of = %s order by film_id", [AS_OF])
    assert publish(LATER) > 0
    assert trained.warehouse.rows("select distinct as_of from upcoming_predictions") == [(LATER,)]
    assert trained.warehouse.rows("select min(release_date) > %s from upcoming_predictions", [LATER]) == [(True,)]
    after = trained.warehouse.rows("select * from pel.predictions where as_of = %s order by film_id", [AS_OF])
    assert after == before


def test_a_look_into_the_past_does_not_take_the_place_of_the_present(trained: Trained) -> None:
    publish(LATER)
    publish(AS_OF + timedelta(days=10))
    assert trained.warehouse.rows("select distinct as_of from upcoming_predictions") == [(LATER,)]
    shown = trained.warehouse.rows("select distinct as_of from published_predictions order by 1")
    assert shown == [(AS_OF,), (AS_OF + timedelta(days=10),), (LATER,)]


def test_a_model_that_looked_further_is_not_used_for_an_earlier_date(
    trained: Trained, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert publish(AS_OF - timedelta(days=1)) == 0
    assert "there is no champion" in caplog.text


def test_a_film_that_is_new_in_the_catalogue_gets_its_prediction(trained: Trained) -> None:
    take_in(a_film("New", "1985-06-01"))
    assert publish(AS_OF) == 1
    assert trained.warehouse.rows("select count(*) from upcoming_predictions where title = 'New'") == [(1,)]


def test_accuracy_stands_beside_what_the_film_made(trained: Trained) -> None:
    rows = trained.warehouse.rows(
        """
        select predicted_dollars, actual_dollars, error_log10, in_80,
               actual_dollars between low_80_dollars and high_80_dollars
        from prediction_accuracy
        join published_predictions using (film_id, as_of, model_version, predicted_dollars)
        """,
        role="pel_reader",
    )
    known = trained.warehouse.rows(
        "select count(*) from pel.predictions join pel.box_office using (film_id) where known_on <= current_date"
    )
    assert [(len(rows),)] == known
    assert len(rows) > 10
    for predicted, actual, error, in_range, between in rows:
        assert math.isclose(10**error, float(predicted) / float(actual), rel_tol=1e-4)
        assert in_range == between


def test_a_model_whose_files_were_changed_publishes_nothing_and_leaves_what_is_shown(trained: Trained) -> None:
    before = trained.warehouse.rows("select * from upcoming_predictions order by film_id")
    file = next(trained.artifacts.glob("finetuned-*/lightgbm/model/*.txt"))
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(ArtifactError, match="SHA-256"):
        publish(LATER)
    assert trained.warehouse.rows("select * from upcoming_predictions order by film_id") == before


@pytest.mark.parametrize("statement", ["update pel.predictions set log10_dollars = 9", "delete from pel.predictions"])
def test_nobody_rewrites_what_was_predicted(trained: Trained, statement: str) -> None:
    with pytest.raises(psycopg.Error, match="append-only"):
        trained.warehouse.rows(statement, role="pel_owner")
