import logging

import pytest

from pel.training.pretrain import held_out_start
from pel.warehouse.connection import connect
from tests.chain import AS_OF, pretrain
from tests.conftest import Trained


def test_nothing_is_pretrained_again_without_new_ratings(trained: Trained, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert pretrain() is None
    assert "0 films were rated since pretrained-1985-01-01" in caplog.text


def test_it_is_pretrained_again_once_enough_films_were_rated(
    trained: Trained, caplog: pytest.LogCaptureFixture
) -> None:
    later = AS_OF.replace(year=1986)
    with caplog.at_level(logging.INFO):
        assert pretrain(later, min_new_films=1_000_000) is None
        assert "at least 1,000,000 are wanted" in caplog.text
        assert pretrain(later, min_new_films=10) is not None
    assert "films were rated since pretrained-1985-01-01" in caplog.text


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
