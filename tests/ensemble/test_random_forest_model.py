import pytest

from pel.ensemble import random_forest_model
from pel.ensemble.registry import load, make

from .films import some_films


def test_a_forest_on_all_ratings_stays_a_small_file(tmp_path):
    films = some_films(17_000, columns=12)
    make("random_forest", threads=2).pretrain(films.Z, films.rating).save(tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 5_000_000


def test_a_type_that_is_not_listed_is_not_loaded(pretrained, tmp_path, monkeypatch):
    pretrained["random_forest"].save(tmp_path)
    monkeypatch.setattr(random_forest_model, "TRUSTED_TYPES", [])
    with pytest.raises(Exception, match=r"sklearn\.tree\._tree\.Tree"):
        load(tmp_path)
