from datetime import timedelta

import numpy as np
import pytest

from pel.ensemble.metrics import regression_metrics
from pel.ensemble.registry import BASE_MODELS
from pel.features.films import days
from pel.training.finetune import folds_of, out_of_fold
from pel.training.plan import open_plan
from pel.training.registry import champion
from pel.warehouse.connection import connect
from tests.chain import AS_OF
from tests.conftest import Trained


@pytest.fixture
def version(trained: Trained) -> str:
    return trained.warehouse.rows("select model_version from pel.model_versions where kind = 'finetuned'")[0][0]


def test_the_scoreboard_shows_the_ensemble_beside_its_models_and_the_mean(trained: Trained) -> None:
    rows = trained.warehouse.rows("select predictor, r2_log10 from model_scoreboard", role="pel_reader")
    assert {predictor for predictor, _ in rows} == {"ensemble", "training_mean", *BASE_MODELS}
    assert dict(rows)["ensemble"] > dict(rows)["training_mean"]


def test_the_scores_of_a_base_model_are_those_of_its_predictions_of_the_held_out_films(
    trained: Trained, version: str
) -> None:
    with open_plan(version) as (plan, films, _):
        M = out_of_fold(plan)
        fold = folds_of(plan, films)[-1]
    y = films["label"].to_numpy()[fold.test]
    for column, name in enumerate(BASE_MODELS):
        expected = regression_metrics(y, M[fold.test, column])["mae"]
        shown = trained.warehouse.rows("select mae_log10 from model_scoreboard where predictor = %s", [name])
        assert shown == [(expected,)]


def test_the_held_out_films_are_the_last_two_years_that_had_settled(trained: Trained, version: str) -> None:
    with open_plan(version) as (plan, films, _):
        start = np.datetime64(plan.cutoffs[-1])
        held_out = films[days(films["released"]) >= start]
    settled = np.datetime64(AS_OF - timedelta(days=180))
    assert str(start) == "1982-07-05"
    assert (days(held_out["release_date"]) <= settled).all()
    assert trained.warehouse.rows("select distinct films from model_scoreboard") == [(len(held_out),)]


def test_the_decision_is_kept_with_its_reason(trained: Trained, version: str) -> None:
    rows = trained.warehouse.rows("select as_of, model_version, champion_version, promoted, reason from pel.promotions")
    assert rows[0][:4] == (AS_OF, version, None, True)
    assert "held-out MSE" in rows[0][4]


def test_a_champion_counts_from_its_date_on(trained: Trained, version: str) -> None:
    with connect() as connection:
        assert champion(connection, AS_OF - timedelta(days=1)) is None
        assert champion(connection, AS_OF + timedelta(days=400)).model_version == version


def test_the_lineage_leads_back_to_the_data_and_the_pretrained_model(trained: Trained) -> None:
    rows = trained.warehouse.rows(
        "select f.as_of, p.kind, length(f.data_sha256), length(f.artifact_sha256), length(f.code_version) "
        "from pel.model_versions f join pel.model_versions p on p.model_version = f.pretrained_version"
    )
    assert rows == [(AS_OF, "pretrained", 64, 64, 64)]


def test_no_artifact_is_a_pickle(trained: Trained) -> None:
    suffixes = {file.suffix for file in trained.artifacts.rglob("*") if file.is_file()}
    assert suffixes <= {".json", ".csv", ".npy", ".safetensors", ".ubj", ".txt", ".cbm", ".skops"}
