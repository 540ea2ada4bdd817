"""Z: vocabulary, missing values and scales, all learned from the training rows."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pel.features.encoder import BUDGET_RIDGE, MAX_LENDERS, FilmEncoder
from pel.features.films import cut
from pel.features.groups import BEST, BORROWED, FROM_BUDGET, GROUPS, KINDS, MIN_FILMS, PAPER, derive
from pel.features.scales import QUANTILES, NormalScores
from tests.conftest import Warehouse

AS_OF = date(2014, 1, 1)
ALL = tuple(GROUPS)
HISTORIES = [f"{kind}_{name}" for kind in KINDS for name in ("films", "box_office", "box_office_films", "rating")]
RECORDS = [f"{kind}_{name}" for kind in KINDS for name in ("budget", "return", "total", "best", "days")]
DELTAS = [f"delta_{name}" for name in HISTORIES if name.startswith(("director", "cast"))]
DELTAS += ["delta_budget", "delta_release_days"]
RIVALS = ["rivals_before", "rivals_near", "rivals_after"]
NUMBERS = [*HISTORIES, *RECORDS, *DELTAS, *RIVALS, "budget"]
COMPANY = [name for name in (*HISTORIES, *RECORDS) if name.startswith("company_")]
LISTS = ["genres", "genres_added", "genres_removed", "countries", "languages"]
# what a film without a place in the order borrows from one other
PLACE = ["day_of_year", "day_of_week", "release_week", *RIVALS, *DELTAS]


@pytest.fixture(scope="session")
def demo_films(refreshed_demo: Warehouse) -> pd.DataFrame:
    """The rated films of the demo; tests must leave them as they are."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PEL_DATABASE_URL", refreshed_demo.url())
        return cut("pretrain", AS_OF).films()


@pytest.fixture(scope="session", params=[(PAPER, "z"), (BEST, "normal")], ids=["paper", "best"])
def demo_encoder(demo_films: pd.DataFrame, request: pytest.FixtureRequest) -> FilmEncoder:
    groups, scale = request.param
    return FilmEncoder(groups, scale=scale).fit(demo_films)


@pytest.fixture(scope="session")
def z_encoder(demo_films: pd.DataFrame) -> FilmEncoder:
    """One with all groups, whose columns are lines of what they come from."""
    return FilmEncoder(ALL, scale="z").fit(demo_films)


def some_films(n: int = 200, seed: int = 0, **columns: Any) -> pd.DataFrame:
    """Made-up films, every third without a place in the order and every other without a budget."""
    rng = np.random.default_rng(seed)
    films = pd.DataFrame({name: rng.normal(5, 2, n) for name in NUMBERS})
    films["budget"] = films["cast_budget"] + films["director_best"] + rng.normal(0, 1, n)
    films["release_date"] = pd.Timestamp("2000-01-01") + pd.to_timedelta(rng.integers(0, 3000, n), unit="D")
    films["release_week"] = films["release_date"].dt.isocalendar().week.astype(float)
    films["release_precision"] = "day"
    undated = films.index % 3 == 0
    films.loc[undated, [*DELTAS, *RIVALS, "release_week"]] = np.nan
    films.loc[undated, "release_date"] = pd.to_datetime(films["release_date"].dt.year.astype(str) + "-12-31")
    films.loc[undated, "release_precision"] = "year"
    films["release_year"] = films["release_date"].dt.year
    films.loc[films.index % 2 == 0, "budget"] = np.nan
    films["film_id"] = np.arange(1, n + 1)
    films["title"] = rng.choice(["Alien", "Aliens 2", "Alien: Resurrection"], n)
    films["companies"], films["cast_members"] = rng.integers(1, 4, (2, n))
    films["genres"] = rng.choice(["Drama", "Drama War", "", "Crime"], n)
    films["genres_added"] = np.where(undated, "", rng.choice(["War", ""], n))
    films["genres_removed"] = np.where(undated, "", rng.choice(["Crime", ""], n))
    films["countries"] = rng.choice(["France", "France Italy", "Italy"], n)
    films["languages"] = rng.choice(["fr", "it", "en fr"], n)
    return with_names(films, **columns)


def with_names(films: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """The films with other columns; where a list is text, its words are the names."""
    films = films.assign(**columns)
    for name in LISTS:
        films[name] = [value.split() if isinstance(value, str) else value for value in films[name]]
    return films


def columns_of(encoder: FilmEncoder, films: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(encoder.transform(films), columns=encoder.columns)


def training_columns_of(encoder: FilmEncoder, films: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(encoder.transform_training(films), columns=encoder.columns)


def test_nothing_is_missing(demo_encoder: FilmEncoder, demo_films: pd.DataFrame) -> None:
    Z = demo_encoder.transform(demo_films)
    assert Z.shape == (len(demo_films), len(demo_encoder.columns))
    assert Z.dtype == np.float32
    assert np.isfinite(Z).all()


def test_nothing_is_missing_in_a_film_of_which_nothing_is_known() -> None:
    unknown = some_films(1, genres="", genres_added="", countries="", languages="", release_precision="year")
    unknown[NUMBERS] = np.nan
    unknown["cast_members"] = 0
    for scale in ("z", "normal"):
        encoder = FilmEncoder(ALL, scale=scale).fit(some_films())
        assert np.isfinite(encoder.transform(unknown)).all()
        assert np.isfinite(encoder.transform_training(unknown)).all()


def test_no_films_are_no_rows(warehouse: Warehouse) -> None:
    encoder = FilmEncoder(ALL).fit(some_films())
    assert encoder.transform(cut("publish", AS_OF).films()).shape == (0, len(encoder.columns))


def test_training_rows_have_mean_0_and_deviation_1(z_encoder: FilmEncoder, demo_films: pd.DataFrame) -> None:
    Z = z_encoder.transform(demo_films).astype(float)
    missing = demo_films.isna().any()
    complete = [place for place, name in enumerate(z_encoder.columns) if not missing.get(name, False)]
    assert len(complete) > 10
    np.testing.assert_allclose(Z[:, complete].mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(Z[:, complete].std(axis=0), 1, atol=1e-4)


def test_what_a_newcomer_has_not_becomes_the_mean_or_lies_below_everything() -> None:
    films = some_films()
    films.loc[:9, "director_rating"] = np.nan
    Z = columns_of(FilmEncoder(scale="z").fit(films), films)
    assert (Z.loc[:9, "director_rating"] == 0).all()
    assert Z["director_rating"].mean() == pytest.approx(0, abs=1e-6)
    Z = columns_of(FilmEncoder(scale="normal").fit(films), films)
    assert (Z.loc[:9, "director_rating"] == -3).all()
    assert Z["director_rating"][10:].min() > -3


def test_a_z_score_is_the_distance_from_the_mean_in_deviations() -> None:
    films = some_films()
    Z = columns_of(FilmEncoder(scale="z").fit(films), films)
    rating = films["cast_rating"]
    np.testing.assert_allclose(Z["cast_rating"], (rating - rating.mean()) / rating.std(ddof=0), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("values", "tolerance"),
    [
        (lambda rng: rng.normal(5, 2, 300), 1e-9),
        (lambda rng: rng.integers(0, 4, 5000), 1e-9),
        (lambda rng: rng.exponential(5, 20_000), 0.06),
        (lambda rng: np.where(rng.random(20_000) < 0.4, 0, rng.exponential(5, 20_000)), 0.06),
    ],
    ids=["few", "counts", "many", "many and zeros"],
)
def test_a_normal_score_is_that_of_the_rank(
    values: Callable[[np.random.Generator], np.ndarray], tolerance: float
) -> None:
    from scipy.special import ndtri

    column = values(np.random.default_rng(0)).astype(float)
    in_order = np.sort(column)
    rank = (np.searchsorted(in_order, column, "left") + np.searchsorted(in_order, column, "right")) / 2
    expected = ndtri(np.clip(rank / len(column), 0.003, 0.997))
    scores = NormalScores.fit(column[:, None])
    assert scores.quantiles.shape == (1, QUANTILES)
    np.testing.assert_allclose(scores.transform(column[:, None])[:, 0], expected, atol=tolerance)
    beyond = scores.transform(np.array([[-1e9], [1e9], [np.nan]]))[:, 0]
    np.testing.assert_allclose(beyond, [expected.min(), expected.max(), -3], atol=tolerance)


def test_what_is_or_is_not_is_a_z_score_on_both_scales() -> None:
    films = some_films()
    z, normal = (columns_of(FilmEncoder(scale=scale).fit(films), films) for scale in ("z", "normal"))
    for name in ("genre War", "country Italy", "title_colon"):
        np.testing.assert_array_equal(z[name], normal[name])


def test_there_is_no_group_of_that_name() -> None:
    with pytest.raises(ValueError, match=r"'weather'.*budget, date, genres"):
        FilmEncoder(["budget", "weather"])


def test_a_group_brings_its_columns_and_no_other() -> None:
    films = some_films()
    columns = {name: FilmEncoder([name]).fit(films).columns for name in ALL}
    assert all(columns.values())
    joined = [column for name in ALL for column in columns[name]]
    assert len(joined) == len(set(joined))
    assert set(FilmEncoder(ALL).fit(films).columns) == set(joined)
    assert FilmEncoder(ALL[::-1]).fit(films).columns == FilmEncoder(ALL).fit(films).columns
    assert set(FilmEncoder().fit(films).columns) == set(joined) - set(columns["deltas"])


def test_films_need_no_column_of_a_group_that_is_not_chosen() -> None:
    films = some_films()
    encoder = FilmEncoder([name for name in ALL if name != "competition"]).fit(films)
    np.testing.assert_array_equal(encoder.transform(films.drop(columns=RIVALS)), encoder.transform(films))


def test_the_paper_s_columns_are_its_five_attributes_and_deltas() -> None:
    columns = FilmEncoder(PAPER, scale="z").fit(some_films()).columns
    attributes = {name for name in columns if not name.startswith("delta_")}
    assert attributes - {name for name in columns if name.startswith("genre ")} == {
        *(name for name in HISTORIES if name.startswith(("director", "cast"))),
        *("budget", "year", "day_of_year", "day_of_year_sine", "day_of_year_cosine", "day_of_week", "release_week"),
    }
    assert set(columns) - attributes == {*DELTAS, "delta_genre War", "delta_genre Crime"}


def test_what_a_title_and_a_date_tell() -> None:
    films = some_films()
    encoder = FilmEncoder(["title", "date"], scale="z").fit(films)
    raw = encoder.fill(films)
    assert raw["title_sequel"].tolist() == [float(title == "Aliens 2") for title in films["title"]]
    assert raw["title_colon"].tolist() == [float(":" in title) for title in films["title"]]
    for title, sequel in [("Rocky II", 1), ("Part Two", 1), ("IV", 1), ("Seven", 0), ("2001", 0), ("Up 10", 0)]:
        assert encoder.fill(films.assign(title=title))["title_sequel"].eq(sequel).all(), title
    known_day = films.assign(release_date=pd.Timestamp("2003-07-02"), release_year=2003)
    day = derive(encoder.fill(known_day)).iloc[1]
    assert day[["year", "day_of_year", "day_of_week"]].tolist() == [2003 + 183 / 366, 183, 2]
    np.testing.assert_allclose(day[["day_of_year_sine", "day_of_year_cosine"]].astype(float), [0, -1], atol=1e-12)


def test_a_film_is_encoded_alone_as_it_is_among_others() -> None:
    films, others = some_films(), some_films(50, seed=1)
    encoder = FilmEncoder(ALL).fit(films)
    together = encoder.transform(pd.concat([others, films.iloc[::-1]]))[len(others) :][::-1]
    np.testing.assert_array_equal(together, encoder.transform(films))
    np.testing.assert_array_equal(encoder.transform(films.iloc[[7]]), encoder.transform(films)[[7]])


def test_encoding_leaves_the_films_as_they_were() -> None:
    films = some_films()
    before = films.copy(deep=True)
    encoder = FilmEncoder(ALL).fit(films)
    encoder.transform(films)
    encoder.transform_training(films)
    pd.testing.assert_frame_equal(films, before)


def test_saved_and_loaded_it_encodes_bit_for_bit_the_same(
    demo_encoder: FilmEncoder, demo_films: pd.DataFrame, tmp_path: Path
) -> None:
    demo_encoder.save(tmp_path / "encoder.safetensors")
    loaded = FilmEncoder.load(tmp_path / "encoder.safetensors")
    assert (loaded.columns, loaded.groups, loaded.scale) == (
        demo_encoder.columns,
        demo_encoder.groups,
        demo_encoder.scale,
    )
    assert loaded.transform(demo_films).tobytes() == demo_encoder.transform(demo_films).tobytes()


@pytest.mark.parametrize("scale", ["z", "normal"])
def test_saved_and_loaded_it_fills_in_the_same_budgets(scale: Any, tmp_path: Path) -> None:
    films = some_films()
    encoder = FilmEncoder(ALL, scale=scale).fit(films)
    encoder.save(tmp_path / "encoder.safetensors")
    loaded = FilmEncoder.load(tmp_path / "encoder.safetensors")
    assert loaded.transform(films).tobytes() == encoder.transform(films).tobytes()
    assert loaded.transform_training(films).tobytes() == encoder.transform_training(films).tobytes()


def test_saved_twice_it_is_the_same_file(demo_encoder: FilmEncoder, tmp_path: Path) -> None:
    files = [tmp_path / "first", tmp_path / "second"]
    for file in files:
        demo_encoder.save(file)
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize(("films", "has_column"), [(MIN_FILMS - 1, False), (MIN_FILMS, True)])
@pytest.mark.parametrize(
    ("column", "name"), [("genres", "genre Noir"), ("countries", "country Noir"), ("languages", "language Noir")]
)
def test_a_name_needs_enough_films_for_a_column(films: int, has_column: bool, column: str, name: str) -> None:
    names = ["Drama Noir"] * films + ["Drama"] * (200 - films)
    assert (name in FilmEncoder().fit(some_films(**{column: names})).columns) == has_column


def test_a_genre_that_is_unknown_to_the_encoder_does_not_matter() -> None:
    films = some_films()
    encoder = FilmEncoder(ALL).fit(films)
    noir = films.assign(**{name: [[*names, "Noir"] for names in films[name]] for name in ("genres", "genres_added")})
    np.testing.assert_array_equal(encoder.transform(noir), encoder.transform(films))


def test_what_is_the_same_for_all_has_no_column() -> None:
    for scale in ("z", "normal"):
        columns = FilmEncoder(scale=scale).fit(some_films(cast_films=0.1, genres="Drama", budget=np.nan)).columns
        assert not {"cast_films", "genre Drama", "budget", "cast_budget_gap"} & set(columns)


def test_genres_come_as_plus_one_and_go_as_minus_one() -> None:
    films = some_films().iloc[[1, 2, 4]]
    encoder = FilmEncoder(PAPER, scale="z").fit(some_films())
    place = encoder.columns.index("delta_genre War")
    change = with_names(films, genres_added=["War", "", ""], genres_removed=["", "", "War"])
    added, same, removed = encoder.transform(change)[:, place]
    assert added - same == pytest.approx(same - removed, rel=1e-5)
    assert added > same


def borrowed_columns(encoder: FilmEncoder, what: str) -> list[str]:
    return [name for name in encoder.columns if name.startswith(BORROWED[what]) and not name.endswith("_gap")]


def missing(films: pd.DataFrame, what: str) -> np.ndarray:
    """Which films have to borrow it."""
    places = [bool(countries and languages) for countries, languages in films[["countries", "languages"]].to_numpy()]
    return {
        "day": films["delta_release_days"].isna().to_numpy(),
        "cast": (films["cast_members"] == 0).to_numpy(),
        "companies": films["company_films"].isna().to_numpy(),
        "places": ~np.array(places),
    }[what]


@pytest.mark.parametrize("what", ["day", "companies", "cast", "places"])
def test_what_a_film_borrows_is_all_from_one_single_film(
    demo_films: pd.DataFrame, z_encoder: FilmEncoder, what: str
) -> None:
    has_not = missing(demo_films, what)
    names = borrowed_columns(z_encoder, what)
    assert len(names) > 5
    real = columns_of(z_encoder, demo_films[~has_not])[names].to_numpy()
    borrowed = columns_of(z_encoder, demo_films[has_not].iloc[:: has_not.sum() // 50])[names].to_numpy()
    lenders = [np.flatnonzero((real == row).all(axis=1)) for row in borrowed]
    assert len(borrowed) > 10
    assert all(len(of_film) for of_film in lenders)
    assert len({of_film[0] for of_film in lenders}) > len(borrowed) / 4  # and not all from the same few


def test_a_film_with_a_place_keeps_its_own(demo_films: pd.DataFrame, z_encoder: FilmEncoder) -> None:
    placed = demo_films.dropna(subset=["delta_release_days", "delta_cast_films"])
    placed = placed[placed["cast_members"] > 0]
    Z = columns_of(z_encoder, placed)
    for name in ("release_week", "delta_cast_films", "delta_release_days", "cast_films", "cast_members"):
        assert np.corrcoef(Z[name], placed[name])[0, 1] == pytest.approx(1)


def test_borrowing_hangs_on_the_film_alone_and_not_on_what_it_is() -> None:
    films = some_films()
    encoder = FilmEncoder(ALL).fit(films)
    other = with_names(films, cast_films=0.0, director_box_office=9.0, genres="War", release_year=1950.0)
    np.testing.assert_array_equal(columns_of(encoder, films)[PLACE], columns_of(encoder, other)[PLACE])


def test_a_film_of_some_year_lies_in_it_where_its_borrowed_day_does() -> None:
    films = some_films()
    filled = derive(FilmEncoder(scale="z").fit(films).fill(films))
    np.testing.assert_allclose(filled["year"], films["release_year"] + filled["day_of_year"] / 366)
    assert filled["year"][films["release_precision"] == "year"].mod(1).max() < 1
    assert filled["day_of_year"][films["release_precision"] == "year"].nunique() > 30


def test_lenders_are_training_films_and_not_more_than_are_worth_saving(demo_encoder: FilmEncoder) -> None:
    lenders = demo_encoder._lenders["day"]
    assert 0 < len(lenders) <= MAX_LENDERS


def test_an_unknown_budget_lies_below_everything_in_a_row_to_learn_from() -> None:
    films = some_films()
    Z = training_columns_of(FilmEncoder().fit(films), films)
    unknown = films["budget"].isna()
    for name in ("budget", "director_budget_gap", "director_box_office_gap", "company_box_office_gap"):
        assert (Z.loc[unknown, name] == -3).all()
        assert (Z.loc[~unknown, name] > -3).all()


def test_an_unknown_budget_is_estimated_in_a_film_to_be_forecast() -> None:
    from sklearn.linear_model import Ridge

    films = some_films(400)
    encoder = FilmEncoder(ALL).fit(films)
    unknown = films["budget"].isna()
    others = [name for name in encoder.columns if name not in FROM_BUDGET]
    assert set(encoder.columns) - set(others) == FROM_BUDGET
    Z = training_columns_of(encoder, films)[others]
    ridge = Ridge(alpha=BUDGET_RIDGE).fit(Z[~unknown], films["budget"][~unknown])
    told = films.assign(budget=films["budget"].where(~unknown, ridge.predict(Z)))
    np.testing.assert_allclose(encoder.transform(films), encoder.transform(told), atol=1e-4)
    truth = films["cast_budget"] + films["director_best"]
    assert np.corrcoef(told["budget"][unknown], truth[unknown])[0, 1] > 0.8


def test_a_known_budget_is_the_same_in_both() -> None:
    films = some_films()
    encoder = FilmEncoder(ALL).fit(films)
    known = films["budget"].notna()
    assert encoder.transform(films[known]).tobytes() == encoder.transform_training(films[known]).tobytes()


def test_among_z_scores_an_unknown_budget_is_borrowed_in_both() -> None:
    films = some_films()
    encoder = FilmEncoder(scale="z").fit(films)
    assert encoder.transform(films).tobytes() == encoder.transform_training(films).tobytes()
    filled = derive(encoder.fill(films))
    assert set(filled["budget"]) == set(films["budget"].dropna())
    np.testing.assert_array_equal(filled["cast_budget_gap"], filled["budget"] - filled["cast_budget"])


@pytest.mark.parametrize("make", [lambda: _logistic(), lambda: _trees()], ids=["logistic", "trees"])
@pytest.mark.parametrize("what", ["day", "companies", "cast", "places"])
def test_borrowed_columns_do_not_tell_that_they_are_borrowed(
    demo_films: pd.DataFrame, z_encoder: FilmEncoder, make: Callable[[], Any], what: str
) -> None:
    from sklearn.metrics import roc_auc_score

    Z = columns_of(z_encoder, demo_films)[borrowed_columns(z_encoder, what)].to_numpy()
    borrowed = missing(demo_films, what)
    assert borrowed.any()
    half = np.random.default_rng(0).random(len(Z)) < 0.5
    told = make().fit(Z[half], borrowed[half]).predict_proba(Z[~half])[:, 1]
    assert roc_auc_score(borrowed[~half], told) == pytest.approx(0.5, abs=0.1)


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=100)


def _trees() -> Any:
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=30, num_leaves=15, min_child_samples=50, verbose=-1, n_jobs=1)
