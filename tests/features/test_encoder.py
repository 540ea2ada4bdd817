"""Z: vocabulary, missing values and z-scores, all learned from the training rows."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pel.features.encoder import DELTAS, MAX_LENDERS, MIN_GENRE_FILMS, NUMBERS, FilmEncoder
from pel.features.films import cut
from tests.conftest import Warehouse

AS_OF = date(2014, 1, 1)
# what a film without a place in the order borrows from one other
PLACE = ["release_week", *(name for name in DELTAS if not name.startswith("delta_company_"))]
COMPANY = [name for name in NUMBERS if name.startswith("company_")]


@pytest.fixture(scope="session")
def demo_films(refreshed_demo: Warehouse) -> pd.DataFrame:
    """The rated films of the demo; tests must leave them as they are."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PEL_DATABASE_URL", refreshed_demo.url())
        return cut("pretrain", AS_OF).films()


@pytest.fixture(scope="session")
def demo_encoder(demo_films: pd.DataFrame) -> FilmEncoder:
    return FilmEncoder().fit(demo_films)


def some_films(n: int = 200, seed: int = 0, **columns: Any) -> pd.DataFrame:
    """Made-up films, every third without a place in the order and every other without a budget."""
    rng = np.random.default_rng(seed)
    films = pd.DataFrame({name: rng.normal(5, 2, n) for name in [*NUMBERS, *DELTAS]})
    films.loc[films.index % 3 == 0, [*PLACE, *(f"delta_{name}" for name in COMPANY)]] = np.nan
    films.loc[films.index % 2 == 0, "budget"] = np.nan
    films["film_id"] = np.arange(1, n + 1)
    films["genres"] = rng.choice(["Drama", "Drama War", "", "Crime"], n)
    films["genres_added"] = np.where(films["delta_release_days"].isna(), "", rng.choice(["War", ""], n))
    films["genres_removed"] = np.where(films["delta_release_days"].isna(), "", rng.choice(["Crime", ""], n))
    return with_genres(films, **columns)


def with_genres(films: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """The films with other columns; where genres are text, its words are the list."""
    films = films.assign(**columns)
    for name in ("genres", "genres_added", "genres_removed"):
        films[name] = [value.split() if isinstance(value, str) else value for value in films[name]]
    return films


def columns_of(encoder: FilmEncoder, films: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(encoder.transform(films), columns=encoder.columns)


def test_nothing_is_missing(demo_encoder: FilmEncoder, demo_films: pd.DataFrame) -> None:
    Z = demo_encoder.transform(demo_films)
    assert Z.shape == (len(demo_films), len(demo_encoder.columns))
    assert Z.dtype == np.float32
    assert np.isfinite(Z).all()


def test_nothing_is_missing_in_a_film_of_which_nothing_is_known() -> None:
    encoder = FilmEncoder().fit(some_films())
    unknown = some_films(1, genres="", genres_added="")
    unknown[[*NUMBERS, *DELTAS]] = np.nan
    assert np.isfinite(encoder.transform(unknown)).all()


def test_training_rows_have_mean_0_and_deviation_1(demo_encoder: FilmEncoder, demo_films: pd.DataFrame) -> None:
    Z = demo_encoder.transform(demo_films).astype(float)
    complete = [
        place for place, name in enumerate(demo_encoder.columns) if not name.endswith(("_box_office", "_rating"))
    ]
    assert len(complete) > 10
    np.testing.assert_allclose(Z[:, complete].mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(Z[:, complete].std(axis=0), 1, atol=1e-4)


def test_what_a_newcomer_has_not_becomes_the_mean() -> None:
    films = some_films()
    films.loc[:9, "director_rating"] = np.nan
    Z = columns_of(FilmEncoder().fit(films), films)
    assert (Z.loc[:9, "director_rating"] == 0).all()
    assert Z["director_rating"].mean() == pytest.approx(0, abs=1e-6)


def test_a_number_is_its_distance_from_the_mean_in_deviations() -> None:
    films = some_films()
    Z = columns_of(FilmEncoder().fit(films), films)
    years = films["release_year"]
    np.testing.assert_allclose(Z["release_year"], (years - years.mean()) / years.std(ddof=0), rtol=1e-5, atol=1e-6)


def test_a_film_is_encoded_alone_as_it_is_among_others() -> None:
    films, others = some_films(), some_films(50, seed=1)
    encoder = FilmEncoder().fit(films)
    together = encoder.transform(pd.concat([others, films.iloc[::-1]]))[len(others) :][::-1]
    np.testing.assert_array_equal(together, encoder.transform(films))
    np.testing.assert_array_equal(encoder.transform(films.iloc[[7]]), encoder.transform(films)[[7]])


def test_encoding_leaves_the_films_as_they_were() -> None:
    films = some_films()
    before = films.copy(deep=True)
    FilmEncoder().fit(films).transform(films)
    pd.testing.assert_frame_equal(films, before)


def test_saved_and_loaded_it_encodes_bit_for_bit_the_same(
    demo_encoder: FilmEncoder, demo_films: pd.DataFrame, tmp_path: Path
) -> None:
    demo_encoder.save(tmp_path / "encoder.safetensors")
    loaded = FilmEncoder.load(tmp_path / "encoder.safetensors")
    assert loaded.columns == demo_encoder.columns
    assert loaded.transform(demo_films).tobytes() == demo_encoder.transform(demo_films).tobytes()


def test_saved_twice_it_is_the_same_file(demo_encoder: FilmEncoder, tmp_path: Path) -> None:
    files = [tmp_path / "first", tmp_path / "second"]
    for file in files:
        demo_encoder.save(file)
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize(("films", "has_column"), [(MIN_GENRE_FILMS - 1, False), (MIN_GENRE_FILMS, True)])
def test_a_genre_needs_enough_films_for_a_column(films: int, has_column: bool) -> None:
    genres = ["Drama Noir"] * films + ["Drama"] * (200 - films)
    assert ("genre Noir" in FilmEncoder().fit(some_films(genres=genres)).columns) == has_column


def test_a_genre_that_is_unknown_to_the_encoder_does_not_matter() -> None:
    films = some_films()
    encoder = FilmEncoder().fit(films)
    noir = films.assign(**{name: [[*names, "Noir"] for names in films[name]] for name in ("genres", "genres_added")})
    np.testing.assert_array_equal(encoder.transform(noir), encoder.transform(films))


def test_what_is_the_same_for_all_has_no_column() -> None:
    columns = FilmEncoder().fit(some_films(cast_films=3.0, genres="Drama", budget=np.nan)).columns
    assert not {"cast_films", "genre Drama", "budget"} & set(columns)


def test_genres_come_as_plus_one_and_go_as_minus_one() -> None:
    films = some_films().iloc[[1, 2, 4]]
    encoder = FilmEncoder().fit(some_films())
    place = encoder.columns.index("delta_genre War")
    change = with_genres(films, genres_added=["War", "", ""], genres_removed=["", "", "War"])
    added, same, removed = encoder.transform(change)[:, place]
    assert added - same == pytest.approx(same - removed, rel=1e-5)
    assert added > same


def lenders_of(films: pd.DataFrame, borrowers: pd.DataFrame, columns: list[str]) -> list[set[int]]:
    """For every borrower the films from which all of these columns may come."""
    encoder = FilmEncoder().fit(films)
    names = [name for name in encoder.columns if name in columns or name.startswith("delta_genre")]
    real = columns_of(encoder, films.dropna(subset=["delta_release_days"]))[names].to_numpy()
    borrowed = columns_of(encoder, borrowers)[names].to_numpy()
    return [set(np.flatnonzero((real == row).all(axis=1))) for row in borrowed]


def test_a_film_without_a_place_borrows_week_and_deltas_from_one_single_film(demo_films: pd.DataFrame) -> None:
    borrowers = demo_films[demo_films["delta_release_days"].isna()].iloc[::37]
    lenders = lenders_of(demo_films, borrowers, PLACE)
    assert all(lenders)
    assert len({min(of_film) for of_film in lenders}) > len(borrowers) / 4  # and not all from the same few


def test_a_film_with_a_place_keeps_its_own(demo_films: pd.DataFrame, demo_encoder: FilmEncoder) -> None:
    placed = demo_films.dropna(subset=["delta_release_days", "delta_cast_films"])
    Z = columns_of(demo_encoder, placed)
    for name in ("release_week", "delta_cast_films", "delta_release_days"):
        assert np.corrcoef(Z[name], placed[name])[0, 1] == pytest.approx(1)


def test_borrowing_hangs_on_the_film_alone_and_not_on_what_it_is() -> None:
    films = some_films()
    encoder = FilmEncoder().fit(films)
    other = with_genres(films, cast_films=0.0, director_box_office=9.0, genres="War", release_year=1950.0)
    np.testing.assert_array_equal(columns_of(encoder, films)[PLACE], columns_of(encoder, other)[PLACE])


def test_lenders_are_training_films_and_not_more_than_are_worth_saving(demo_encoder: FilmEncoder) -> None:
    lenders = demo_encoder._lenders["delta_release_days"]
    assert 0 < len(lenders) <= MAX_LENDERS


@pytest.mark.parametrize("make", [lambda: _logistic(), lambda: _trees()], ids=["logistic", "trees"])
@pytest.mark.parametrize(
    ("missing", "columns"),
    [("delta_release_days", (*PLACE, "delta_genre")), ("company_films", ("company_", "delta_company_"))],
)
def test_borrowed_columns_do_not_tell_that_they_are_borrowed(
    demo_films: pd.DataFrame,
    demo_encoder: FilmEncoder,
    make: Callable[[], Any],
    missing: str,
    columns: tuple[str, ...],
) -> None:
    from sklearn.metrics import roc_auc_score

    names = [name for name in demo_encoder.columns if name.startswith(columns)]
    Z = columns_of(demo_encoder, demo_films)[names].to_numpy()
    borrowed = demo_films[missing].isna().to_numpy()
    half = np.random.default_rng(0).random(len(Z)) < 0.5
    told = make().fit(Z[half], borrowed[half]).predict_proba(Z[~half])[:, 1]
    assert roc_auc_score(borrowed[~half], told) == pytest.approx(0.5, abs=0.1)


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=100)


def _trees() -> Any:
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=30, num_leaves=15, min_child_samples=50, verbose=-1, n_jobs=1)
