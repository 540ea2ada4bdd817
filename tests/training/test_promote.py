import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from pel.ensemble.metrics import regression_metrics
from pel.ensemble.registry import BASE_MODELS
from pel.features.films import days
from pel.forecasts.publish import publish
from pel.training import held_out
from pel.training.artifacts import ArtifactFolder
from pel.training.finetune import folds_of, out_of_fold
from pel.training.model import ENSEMBLE, FittedEnsemble
from pel.training.plan import PART, open_plan
from pel.training.promote import register_finetuned
from pel.training.registry import champion
from pel.warehouse.connection import connect
from tests.candidates import finetuned, fitted_again, forecast, miss_in_memory, rehash
from tests.chain import AS_OF, finetune, pretrain
from tests.conftest import Trained


@pytest.fixture
def version(trained: Trained) -> str:
    return finetuned(trained)


def test_the_scoreboard_shows_the_ensemble_beside_its_models_and_the_mean(trained: Trained) -> None:
    rows = trained.warehouse.rows("select predictor, r2_log10 from model_scoreboard", role="pel_reader")
    assert {predictor for predictor, _ in rows} == {"ensemble", "training_mean", *BASE_MODELS}
    assert dict(rows)["ensemble"] > dict(rows)["training_mean"]


def test_every_model_says_where_its_net_was_trained_and_why(trained: Trained) -> None:
    rows = trained.warehouse.rows("select kind, metrics -> 'trained_on' ->> 'neural_net' from pel.model_versions")
    assert {kind for kind, _ in rows} == {"pretrained", "finetuned"}
    for _, device in rows:
        assert re.fullmatch(r"(cpu|cuda) \(.+\)", device)


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
        tested = films[days(films["released"]) >= start]
    settled = np.datetime64(AS_OF - timedelta(days=180))
    assert str(start) == "1982-07-05"
    assert (days(tested["release_date"]) <= settled).all()
    assert trained.warehouse.rows("select distinct films from model_scoreboard") == [(len(tested),)]


def test_the_decision_is_kept_with_its_reason(trained: Trained, version: str) -> None:
    rows = trained.warehouse.rows("select as_of, model_version, champion_version, promoted, reason from pel.promotions")
    assert rows[0][:4] == (AS_OF, version, None, True)
    assert "held-out MSE" in rows[0][4]


def decision(trained: Trained, candidate: str) -> tuple[bool, str, dict]:
    rows = trained.warehouse.rows(
        "select promoted, reason, figures from pel.promotions where model_version = %s", [candidate]
    )
    assert len(rows) == 1
    return rows[0]


def test_a_model_that_is_no_better_leaves_the_champion_where_it_is(trained: Trained, version: str) -> None:
    """Trained again on the same films, it forecasts the same, and no film is to be had twice for a better one."""
    register_finetuned(again := fitted_again(trained))
    promoted, reason, figures = decision(trained, again)
    assert not promoted
    assert "as good as the champion" in reason
    films = trained.warehouse.rows("select distinct films from model_scoreboard")
    assert [(figures["films"],)] == films
    assert figures["gain"] == 0
    with connect() as connection:
        assert champion(connection, AS_OF).model_version == version != again


def test_a_champion_of_years_ago_is_judged_by_its_forecasts_of_what_came_later(trained: Trained, version: str) -> None:
    pretrain(later := AS_OF.replace(year=1990))
    candidate = finetune(later)
    with open_plan(candidate) as (plan, films, _):
        unseen = films[days(films["released"]) >= np.datetime64(plan.cutoffs[-1])]
    with connect() as connection:
        before = champion(connection, AS_OF)
    with TemporaryDirectory() as local:
        forecast = FittedEnsemble(before, Path(local)).forecast(unseen)["log10_dollars"].to_numpy()
    error = np.mean((forecast - unseen["label"]) ** 2)
    rows = trained.warehouse.rows(
        "select champion_version, figures from pel.promotions where model_version = %s", [candidate]
    )
    assert rows[0][0] == version
    assert rows[0][1]["films"] == len(unseen)
    assert rows[0][1]["mse"] + rows[0][1]["gain"] == pytest.approx(error)


def test_a_champion_that_kept_no_forecasts_is_replaced_by_whatever_is_better_than_the_mean(
    trained: Trained, version: str
) -> None:
    """As after an upgrade from a version without a gate."""
    artifacts = ArtifactFolder(f"{trained.artifacts.as_uri()}/{version}")
    for name in (held_out.FILE, "manifest.json"):
        (trained.artifacts / version / ENSEMBLE / name).unlink()
    (artifacts / ENSEMBLE).put(trained.artifacts / version / ENSEMBLE)
    seal = artifacts.seal([PART, ENSEMBLE, *BASE_MODELS])
    trained.warehouse.rows(
        "update pel.model_versions set artifact_sha256 = %s where model_version = %s", [seal, version], role="pel_owner"
    )
    register_finetuned(again := fitted_again(trained))
    promoted, reason, _ = decision(trained, again)
    assert promoted
    assert f"too few films in common with {version}" in reason


def test_a_candidate_that_fails_a_check_is_not_promoted_even_without_a_champion(trained: Trained, version: str) -> None:
    trained.warehouse.rows("truncate pel.promotions", role="pel_owner")
    forecast(trained, bad := fitted_again(trained, "bad"), 20.0)
    register_finetuned(bad)
    promoted, reason, figures = decision(trained, bad)
    assert not promoted
    assert "not so: it is better than the training mean" in reason
    assert [check for check in figures["failed_checks"] if "held-out films are between" in check]
    with connect() as connection:
        assert champion(connection, AS_OF) is None


def test_a_candidate_that_cannot_be_read_back_as_it_was_is_not_promoted_however_right_it_was(
    trained: Trained, version: str
) -> None:
    """The champion is worse than the mean of the films; the candidate's forecasts are those of the chain."""
    trained.warehouse.rows("truncate pel.promotions", role="pel_owner")
    miss_in_memory(trained, bad := fitted_again(trained, "bad"), by=1.0)
    register_finetuned(bad)
    assert decision(trained, bad)[0] is False
    assert decision(trained, bad)[2]["failed_checks"] == ["its files forecast what it did in memory"]


def no_file(folder: Path) -> None:
    (folder / "catboost" / "model" / "model.json").unlink()


def half_a_file(folder: Path) -> None:
    file = folder / "catboost" / "model" / "model.json"
    file.write_bytes(file.read_bytes()[:10])


def another_format(folder: Path) -> None:
    file = folder / "catboost" / "model" / "model.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 0}))
    rehash(folder / "catboost")


@pytest.mark.parametrize("broken", [no_file, half_a_file, another_format])
def test_a_champion_that_could_not_publish_does_not_block_its_successor(
    trained: Trained, version: str, broken: Callable[[Path], None]
) -> None:
    again = fitted_again(trained)
    broken(trained.artifacts / version)
    seal = ArtifactFolder(f"{trained.artifacts.as_uri()}/{version}").seal([PART, ENSEMBLE, *BASE_MODELS])
    trained.warehouse.rows(
        "update pel.model_versions set artifact_sha256 = %s where model_version = %s", [seal, version], role="pel_owner"
    )
    register_finetuned(again)
    promoted, reason, _ = decision(trained, again)
    assert promoted
    assert "there is no champion that it could be compared with" in reason
    assert publish(AS_OF) > 0


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
