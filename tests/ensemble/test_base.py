import json

import numpy as np
import pytest

from pel.ensemble.base import DESCRIPTION
from pel.ensemble.registry import BASE_MODELS, make

from .films import NAMES, SMALL, mean_squared_error, some_films

pytestmark = pytest.mark.parametrize("name", NAMES)


def fine_tuned(name, films, start=None, **how):
    return make(name, options=SMALL[name], **how).fine_tune(films.Z[:200], films.dollars[:200], pretrained=start)


@pytest.mark.parametrize("transfer", [True, False])
def test_a_loaded_model_predicts_bit_for_bit_the_same(name, transfer, films, pretrained, tmp_path):
    model = fine_tuned(name, films, pretrained[name] if transfer else None)
    model.save(tmp_path / "model")
    loaded = BASE_MODELS[name].load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.predict(films.Z), model.predict(films.Z))
    assert (loaded.stage, loaded.columns, loaded.options) == ("fine_tuned", 8, SMALL[name])


def test_a_row_is_predicted_alone_as_among_others_to_the_last_bit(name, films, pretrained):
    model = fine_tuned(name, films, pretrained[name])
    among_others = model.predict(films.Z)
    for rows in ([0], [17], range(100), range(len(films.Z) - 1, 3, -2)):
        np.testing.assert_array_equal(model.predict(films.Z[list(rows)]), among_others[list(rows)])


def test_a_loaded_pretrained_model_can_be_fine_tuned(name, films, pretrained, tmp_path):
    pretrained[name].save(tmp_path)
    loaded = BASE_MODELS[name].load(tmp_path)
    np.testing.assert_array_equal(loaded.predict(films.Z), pretrained[name].predict(films.Z))
    np.testing.assert_array_equal(
        fine_tuned(name, films, loaded).predict(films.Z), fine_tuned(name, films, pretrained[name]).predict(films.Z)
    )


def test_a_saved_model_saves_the_same_files_again(name, films, pretrained, tmp_path):
    model = fine_tuned(name, films, pretrained[name])
    model.save(tmp_path / "once")
    BASE_MODELS[name].load(tmp_path / "once").save(tmp_path / "twice")
    once, twice = (
        {path.relative_to(tmp_path / run) for path in (tmp_path / run).rglob("*")} for run in ("once", "twice")
    )
    assert once == twice


def test_a_saved_folder_holds_no_pickle(name, films, pretrained, tmp_path):
    fine_tuned(name, films, pretrained[name]).save(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".json", ".cbm", ".skops", ".txt", ".ubj", ".safetensors"}
    assert not [path for path in files if path.read_bytes()[:1] == b"\x80"], "a pickle starts with byte 0x80"


def test_the_same_seed_gives_the_same_digits(name, films, pretrained):
    first, second = (fine_tuned(name, films, pretrained[name], seed=3).predict(films.Z) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_another_seed_gives_another_model(name, films):
    first, second = (fine_tuned(name, films, seed=seed).predict(films.Z) for seed in (3, 4))
    assert not np.array_equal(first, second)


def test_fine_tuning_leaves_the_pretrained_model_as_it_was(name, films, pretrained):
    before = pretrained[name].predict(films.Z)
    fine_tuned(name, films, pretrained[name])
    np.testing.assert_array_equal(pretrained[name].predict(films.Z), before)


def test_predictions_are_in_the_units_of_the_last_fit(name, films, pretrained):
    assert abs(pretrained[name].predict(films.Z).mean() - films.rating.mean()) < 0.2
    assert abs(fine_tuned(name, films, pretrained[name]).predict(films.Z).mean() - films.dollars.mean()) < 0.2


def test_ratings_help_where_box_office_is_scarce(name):
    films, later = some_films(2000, seed=1), some_films(2000, seed=2)
    start = make(name, options=SMALL[name]).pretrain(films.Z, films.rating)

    def error(pretrained):
        model = make(name, options=SMALL[name])
        model.fine_tune(films.Z[:80], films.dollars[:80], pretrained=pretrained)
        return mean_squared_error(later.dollars, model.predict(later.Z))

    assert error(start) < 0.75 * error(None)


def test_no_rows_give_no_predictions(name, films):
    prediction = fine_tuned(name, films).predict(films.Z[:0])
    assert prediction.shape == (0,)
    assert prediction.dtype == np.float64


def test_box_office_that_does_not_vary_is_predicted_as_it_is(name, films, pretrained):
    model = make(name, options=SMALL[name]).fine_tune(films.Z[:50], np.full(50, 7.25), pretrained=pretrained[name])
    assert np.isfinite(model.predict(films.Z)).all()


def test_calls_out_of_order_are_refused(name, films, pretrained, tmp_path):
    new = make(name)
    with pytest.raises(RuntimeError, match="not fitted"):
        new.predict(films.Z)
    with pytest.raises(RuntimeError, match="not fitted"):
        new.save(tmp_path)
    with pytest.raises(ValueError, match="'new'"):
        fine_tuned(name, films, new)
    with pytest.raises(ValueError, match="'fine_tuned'"):
        fine_tuned(name, films, fine_tuned(name, films))


def test_inputs_that_do_not_fit_are_refused(name, films, pretrained):
    model = make(name, options=SMALL[name])
    with pytest.raises(ValueError, match="8 columns, Z has 5"):
        model.fine_tune(films.Z[:, :5], films.dollars, pretrained=pretrained[name])
    with pytest.raises(ValueError, match="8 columns, Z has 5"):
        pretrained[name].predict(films.Z[:, :5])
    with pytest.raises(ValueError, match="at least 2 rows"):
        model.pretrain(films.Z[:1], films.rating[:1])
    holed = films.Z.copy()
    holed[7, 3] = np.nan
    with pytest.raises(ValueError, match="column 3"):
        model.pretrain(holed, films.rating)


def test_a_model_of_another_kind_is_refused(name, films, pretrained, tmp_path):
    other = NAMES[NAMES.index(name) - 1]
    with pytest.raises(ValueError, match="cannot start from"):
        fine_tuned(name, films, pretrained[other])
    pretrained[other].save(tmp_path)
    with pytest.raises(ValueError, match=other):
        BASE_MODELS[name].load(tmp_path)


def test_a_folder_of_another_format_is_refused(name, pretrained, tmp_path):
    pretrained[name].save(tmp_path)
    description = json.loads((tmp_path / DESCRIPTION).read_text())
    (tmp_path / DESCRIPTION).write_text(json.dumps(description | {"format": 99}))
    with pytest.raises(ValueError, match="99"):
        BASE_MODELS[name].load(tmp_path)


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"threads": 0}, {"device": "tpu"}])
def test_impossible_parameters_are_refused_by_name(name, wrong):
    (parameter,) = wrong
    with pytest.raises(ValueError, match=parameter):
        make(name, **wrong)


def test_options_of_another_model_are_refused(name):
    other = SMALL["neural_net" if name != "neural_net" else "xgboost"]
    with pytest.raises(ValueError, match=type(other).__name__):
        make(name, options=other)
