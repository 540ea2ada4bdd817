"""What drives forecasts of models so simple that it is known."""

import numpy as np
import pandas as pd
import pytest

from pel.features.attributes import ATTRIBUTES
from pel.forecasts.drivers import BACKGROUND, Drivers, Explainer, typical

COLUMNS = ["director_films", "director_rating", "cast_rating", "budget", "genre Drama", "genre War", "title_length"]


def rows(n: int, seed: int) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(n, len(COLUMNS))), columns=COLUMNS)


BACK, FILMS = rows(5, seed=0), rows(6, seed=1)


def explained(predict, films: pd.DataFrame = FILMS, background: pd.DataFrame = BACK) -> Drivers:
    return Explainer(predict, background).explain(films)


def effect_of(drivers: Drivers, attribute: str, detail: str | None = None) -> np.ndarray:
    if detail is None:
        return drivers.attributes[:, ATTRIBUTES.index(attribute)]
    return drivers.details[:, drivers.detail_names.index((attribute, detail))]


def entangled(films: pd.DataFrame) -> np.ndarray:
    """Everything hangs on everything, and a budget that is not known on the director."""
    budget = films["budget"].fillna(films["director_rating"] * 2)
    together = np.tanh(films["director_films"] * films["genre War"]) + np.maximum(films["cast_rating"], budget)
    return (together + films["title_length"] * budget + films["genre Drama"] * films["director_rating"]).to_numpy()


def test_effects_add_up_to_the_forecast_and_details_to_their_attribute() -> None:
    films = FILMS.assign(budget=FILMS["budget"].where(FILMS["budget"] > 0))
    drivers = explained(entangled, films)
    assert drivers.base == pytest.approx(entangled(BACK).mean())
    np.testing.assert_allclose(drivers.base + drivers.attributes.sum(axis=1), entangled(films))
    for attribute in ATTRIBUTES:
        parts = [effect_of(drivers, *name) for name in drivers.detail_names if name[0] == attribute]
        np.testing.assert_allclose(np.sum(parts, axis=0), effect_of(drivers, attribute), atol=1e-12)


def test_of_a_sum_each_attribute_and_each_detail_has_its_own_part() -> None:
    slopes = pd.Series([1.0, 2.0, -3.0, 0.5, 0.2, -0.4, 0.0], index=COLUMNS)
    drivers = explained(lambda films: (films * slopes).sum(axis=1).to_numpy())
    parts = (FILMS - BACK.mean()) * slopes
    np.testing.assert_allclose(effect_of(drivers, "budget"), parts["budget"])
    np.testing.assert_allclose(effect_of(drivers, "director", "experience"), parts["director_films"])
    np.testing.assert_allclose(effect_of(drivers, "director", "ratings"), parts["director_rating"])
    np.testing.assert_allclose(effect_of(drivers, "genres"), parts["genre Drama"] + parts["genre War"])
    np.testing.assert_allclose(effect_of(drivers, "series_and_title"), 0, atol=1e-12)


def test_what_follows_from_two_attributes_counts_for_both() -> None:
    drivers = explained(lambda films: (films["budget"] - films["director_rating"]).abs().to_numpy())
    assert (np.abs(effect_of(drivers, "budget")) > 0).all()
    assert (np.abs(effect_of(drivers, "director")) > 0).all()
    np.testing.assert_allclose(effect_of(drivers, "cast"), 0, atol=1e-12)


def test_what_a_film_has_in_common_with_all_others_moves_nothing() -> None:
    same = FILMS.assign(budget=np.nan, cast_rating=1.0)
    explainer = Explainer(entangled, BACK.assign(budget=np.nan, cast_rating=1.0))
    drivers = explainer.explain(same)
    np.testing.assert_allclose(effect_of(drivers, "budget"), 0, atol=1e-12)
    np.testing.assert_allclose(effect_of(drivers, "cast"), 0, atol=1e-12)


def test_a_film_is_explained_alone_as_it_is_among_others() -> None:
    together, alone = explained(entangled), explained(entangled, FILMS.iloc[3:4])
    np.testing.assert_allclose(alone.attributes[0], together.attributes[3])
    np.testing.assert_allclose(alone.details[0], together.details[3])


def test_no_question_is_asked_twice() -> None:
    asked: list[pd.DataFrame] = []

    def predict(films: pd.DataFrame) -> np.ndarray:
        asked.append(films)
        return entangled(films)

    one, other = FILMS.iloc[:1].assign(title_length=0.5), BACK.iloc[:1].assign(title_length=0.5)
    Explainer(predict, other).explain(one)
    assert not asked[-1].duplicated().any()
    assert len(asked[-1]) < 2**4 + 2 * len(COLUMNS)


def test_a_few_films_that_stand_for_all_forecast_what_all_do_on_average() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(400, 4)).astype(np.float32)
    forecasts = inputs @ np.array([0.5, -0.3, 0.2, 0.8])
    chosen = typical(inputs, forecasts)
    assert len(set(chosen)) == BACKGROUND
    assert abs(forecasts[chosen].mean() - forecasts.mean()) < 0.1 * forecasts.std()
    assert np.abs(inputs[chosen].mean(axis=0) - inputs.mean(axis=0)).max() < 0.2
    drawn = [rng.choice(400, BACKGROUND, replace=False) for _ in range(50)]
    assert np.median([abs(forecasts[rows].mean() - forecasts.mean()) for rows in drawn]) > abs(
        forecasts[chosen].mean() - forecasts.mean()
    )


def test_a_column_that_belongs_to_no_attribute_is_refused() -> None:
    with pytest.raises(ValueError, match="'weather' belongs to no attribute"):
        Explainer(entangled, BACK.assign(weather=1.0))
