import logging

import pytest

from pel.training.pretrain import Wanted, held_out_start, plan_pretraining
from pel.training.thresholds import MIN_NEW_FILMS
from pel.warehouse.connection import connect
from tests.chain import AS_OF, pretrain
from tests.conftest import Trained

LATER = AS_OF.replace(year=1986)
NEVER = Wanted(min_new_films=1_000_000, min_new_share=1.0, max_age_days=10_000)


def test_nothing_is_pretrained_again_without_new_ratings(trained: Trained, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert pretrain() is None
    assert "0 films were rated since pretrained-1985-01-01" in caplog.text


def test_it_is_pretrained_again_once_enough_films_were_rated(
    trained: Trained, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert plan_pretraining(LATER, NEVER) is None
        assert " are wanted" in caplog.text
        assert plan_pretraining(LATER, NEVER._replace(min_new_films=10)) is not None
    assert "films were rated since pretrained-1985-01-01" in caplog.text


def test_a_share_of_new_ratings_is_reason_enough(trained: Trained) -> None:
    assert plan_pretraining(LATER, NEVER._replace(min_new_share=0.9)) is None
    assert plan_pretraining(LATER, NEVER._replace(min_new_share=0.001)) is not None


def test_age_is_reason_enough(trained: Trained, caplog: pytest.LogCaptureFixture) -> None:
    assert plan_pretraining(LATER, NEVER._replace(max_age_days=366)) is None
    with caplog.at_level(logging.INFO):
        assert plan_pretraining(LATER, NEVER._replace(max_age_days=365)) is not None
    assert "is 365 days old, at most 365 are wanted" in caplog.text


def test_every_look_is_kept_with_what_it_found(trained: Trained) -> None:
    plan_pretraining(AS_OF)
    plan_pretraining(AS_OF, force=True)
    looks = trained.warehouse.rows(
        "select as_of, trains, reason, figures from pel.training_looks where kind = 'pretrained' order by look_id"
    )
    first, second, third = looks
    assert [look[:2] for look in looks] == [(AS_OF, True), (AS_OF, False), (AS_OF, True)]
    assert "nothing was pre-trained before" in first[2]
    assert second[3]["new_films"] == 0
    assert second[3]["rated_films"] == first[3]["rated_films"] > 1000
    assert second[3]["wanted_new_films"] == MIN_NEW_FILMS
    assert third[2] == "it was forced"


def test_force_pretrains_whatever_the_reasons_against(trained: Trained) -> None:
    before = trained.warehouse.rows("select count(*) from pel.model_versions where kind = 'pretrained'")
    assert pretrain(force=True) is not None
    after = trained.warehouse.rows("select count(*) from pel.model_versions where kind = 'pretrained'")
    assert after[0][0] == before[0][0] + 1


def test_a_date_with_too_few_films_trains_nothing_and_says_why(
    trained: Trained, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert pretrain(AS_OF.replace(year=1950)) is None
    assert "not pre-training: there are too few films" in caplog.text


def test_every_state_saw_only_films_rated_by_its_date(trained: Trained) -> None:
    with connect() as connection:
        cutoffs = connection.execute("select metrics -> 'cutoffs' from pel.model_versions where kind = 'pretrained'")
        (moments,) = cutoffs.fetchone()
    assert moments == sorted(moments)
    assert moments[-1] == str(held_out_start(AS_OF))
    folder = next(trained.artifacts.glob("pretrained-*/neural_net"))
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [*moments, str(AS_OF)]
