import logging
import shutil
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from pel.ensemble.registry import BASE_MODELS
from pel.ensemble.stacking import has_predictions
from pel.ensemble.weighing import LEAST_ROWS
from pel.features.films import cut, days
from pel.training.finetune import finetuning_plan, fit_base_model, folds_of, out_of_fold, plan_finetuning
from pel.training.plan import open_plan
from pel.training.registry import newest
from pel.training.starting_point import StartingPoint
from pel.warehouse.connection import connect
from tests.chain import AS_OF, finetune
from tests.conftest import Trained


@pytest.fixture
def version(trained: Trained) -> str:
    return trained.warehouse.rows("select model_version from pel.model_versions where kind = 'finetuned'")[0][0]


def test_nothing_is_finetuned_again_when_nothing_has_changed(
    trained: Trained, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert finetune() is None
    assert "films, pre-trained model and code are those of finetuned-1985-01-01" in caplog.text


def test_every_look_is_kept(trained: Trained) -> None:
    finetune()
    looks = trained.warehouse.rows("select as_of, trains, reason from pel.training_looks where kind = 'finetuned'")
    assert [look[:2] for look in looks] == [(AS_OF, True), (AS_OF, False)]
    assert looks[0][2] == "nothing was fine-tuned before"


def test_a_corrected_box_office_is_a_reason_to_finetune(trained: Trained) -> None:
    trained.warehouse.rows(
        "update pel.box_office set dollars = dollars + 1 where film_id = "
        "(select min(film_id) from pel.box_office where known_on < '1980-01-01')"
    )
    assert plan_finetuning(AS_OF) is not None


def test_a_box_office_not_known_by_then_is_no_reason(trained: Trained) -> None:
    trained.warehouse.rows("update pel.box_office set dollars = dollars * 2 where known_on > %s", [AS_OF])
    assert plan_finetuning(AS_OF) is None


def test_without_a_pretrained_model_nothing_is_finetuned(trained: Trained, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert plan_finetuning(AS_OF.replace(year=1984)) is None
    assert "nothing is pre-trained" in caplog.text


def test_whenever_it_looks_there_are_films_enough_to_calibrate_the_ranges_on(trained: Trained, version: str) -> None:
    films = cut("finetune", AS_OF)
    released = days(films.films()["released"])
    with connect() as connection:
        pretrained = newest(connection, "pretrained", AS_OF)
    for days_later in range(0, 400, 20):
        plan = finetuning_plan(AS_OF + timedelta(days=days_later), films, pretrained)
        *_, before, start = np.array(plan.cutoffs, "datetime64[D]")
        assert np.count_nonzero((released >= before) & (released < start)) >= LEAST_ROWS


def test_every_film_is_predicted_before_its_label_was_known_to_the_fold(trained: Trained, version: str) -> None:
    with open_plan(version) as (plan, films, _):
        predicted = has_predictions(out_of_fold(plan))
    assert (predicted == (days(films["released"]) >= np.datetime64(plan.cutoffs[0]))).all()


def test_no_fold_starts_from_a_state_younger_than_itself(trained: Trained, version: str, tmp_path: Path) -> None:
    with open_plan(version) as (plan, films, _):
        start = StartingPoint(plan, tmp_path)
        for fold in folds_of(plan, films):
            assert np.datetime64(start.moment(fold.cutoff)) <= fold.cutoff


def test_a_task_that_died_is_done_again_to_the_same_last_digit(trained: Trained, version: str) -> None:
    with open_plan(version) as (plan, _, _):
        before = out_of_fold(plan)
        for name in ("catboost", "neural_net"):
            shutil.rmtree(trained.artifacts / version / name)
            fit_base_model(version, name)
        assert np.array_equal(before, out_of_fold(plan), equal_nan=True)


def test_a_task_that_was_done_is_not_done_again(trained: Trained, version: str) -> None:
    file = trained.artifacts / version / "catboost" / "manifest.json"
    before = file.stat().st_mtime_ns
    for name in BASE_MODELS:
        fit_base_model(version, name)
    assert file.stat().st_mtime_ns == before
