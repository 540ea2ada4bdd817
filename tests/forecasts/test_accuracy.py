"""How forecasts moved, and how right they were: the views, beside the same computed with numpy."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import numpy as np
import psycopg
import pytest

from tests.conftest import Warehouse
from tests.films import a_film, take_in

NIGHTS = [date(2000, 12, 1) + timedelta(days=14 * n) for n in range(40)]
DAYS = (1, 30, 90, 180, 270)
MODEL = """
insert into pel.model_versions (model_version, kind, as_of, pretrained_version, code_version, data_sha256, parameters,
                                metrics, artifact_url, artifact_sha256)
values (%(model)s, 'finetuned', '2000-01-01', 'pretrained', '', '', '{}', '{}', '', '')
on conflict do nothing
"""
PREDICTION = """
insert into pel.predictions (film_id, as_of, model_version, release_date, release_precision, log10_dollars,
                             low_50, high_50, low_80, high_80, low_95, high_95)
select film_id, %(as_of)s, %(model)s, release_date, 'day', %(x)s, %(x)s - 0.1, %(x)s + 0.1, %(x)s - 0.3, %(x)s + 0.3,
       %(x)s - 1, %(x)s + 1
from pel.films
where title = %(title)s and release_date > %(as_of)s
"""
GENRES = {"a": ["Drama"], "b": ["Drama", "Comedy"], "c": ["Comedy"], "d": []}
BUDGETS = {"a": 5e6, "b": 2e8, "c": None, "d": 5e6}
MADE = {"a": 1e6, "b": 3e8, "c": 2e7, "d": 4e7}
RELEASED = {"a": date(2001, 3, 1), "b": date(2001, 9, 1), "c": date(2002, 2, 1), "d": date(2002, 6, 1)}


def say(warehouse: Warehouse, as_of: date, model: str, forecasts: dict[str, float], *, publish: bool = True) -> None:
    with psycopg.connect(warehouse.url()) as connection:
        connection.execute(MODEL, {"model": model})
        for title, x in forecasts.items():
            connection.execute(PREDICTION, {"as_of": as_of, "model": model, "title": title, "x": x})
        if publish:
            connection.execute(
                "insert into pel.publications (as_of, model_version, films) values (%s, %s, 0)", [as_of, model]
            )


def forecast(title: str, as_of: date) -> float:
    """Moves from day to day, and not always towards what the film makes."""
    return float(np.log10(MADE[title])) + (RELEASED[title] - as_of).days / 700 - 0.2 * (title in "bd")


@pytest.fixture(scope="module")
def published(copy_database: Callable[[str], Warehouse]) -> Iterator[Warehouse]:
    """Four films, forecast every two weeks from 2000-12-01 on, by one model until the next autumn, then by another; one
    night another model was published before."""
    warehouse = copy_database("pel")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PEL_DATABASE_URL", warehouse.url())
        make_forecasts(warehouse)
        yield warehouse


def make_forecasts(warehouse: Warehouse) -> None:
    take_in(
        *(
            a_film(title, RELEASED[title].isoformat(), dollars=MADE[title], genres=GENRES[title], budget=BUDGETS[title])
            for title in MADE
        )
    )
    warehouse.rows(
        "insert into pel.model_versions (model_version, kind, as_of, code_version, data_sha256, parameters, metrics, "
        "artifact_url, artifact_sha256) values ('pretrained', 'pretrained', '2000-01-01', '', '', '{}', '{}', '', '')"
    )
    say(warehouse, NIGHTS[5], "withdrawn", dict.fromkeys(MADE, 9.9))
    for n, as_of in enumerate(NIGHTS):
        say(warehouse, as_of, "first" if n < 20 else "second", {title: forecast(title, as_of) for title in MADE})


def test_the_history_has_what_users_saw_and_how_it_changed(published: Warehouse) -> None:
    say(published, NIGHTS[3], "nobody's", dict.fromkeys(MADE, 9.9), publish=False)
    for title in MADE:
        history = published.rows(
            "select as_of, days_to_release, predicted_log10_dollars, change_factor from prediction_history "
            "where title = %s order by as_of",
            [title],
            role="pel_reader",
        )
        said = [forecast(title, as_of) for as_of, *_ in history]
        assert [as_of for as_of, *_ in history] == [as_of for as_of in NIGHTS if as_of < RELEASED[title]]
        assert [days for _, days, *_ in history] == [(RELEASED[title] - as_of).days for as_of, *_ in history]
        assert [x for *_, x, _ in history] == pytest.approx(said)
        assert history[0][3] is None
        assert [change for *_, change in history[1:]] == pytest.approx(10 ** np.diff(said))


def test_a_later_forecast_adds_to_the_history_and_changes_none_of_it(
    published: Warehouse, copy_database: Callable[[str], Warehouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = "select * from prediction_history order by film_id, as_of"
    before = published.rows(everything)
    later = copy_database(published.database)
    monkeypatch.setenv("PEL_DATABASE_URL", later.url())
    take_in(a_film("d", "2002-07-01", dollars=9e9), a_film("e", "2002-08-01"))
    say(later, date(2002, 6, 10), "third", {"d": 5, "e": 6})
    after = later.rows(everything)
    assert len(after) == len(before) + 2
    assert set(before) < set(after)


def test_the_forecast_at_a_lead_is_the_newest_that_was_so_old(published: Warehouse) -> None:
    rows = published.rows("select title, lead_days, as_of, error_log10, in_50, in_80, in_95 from accuracy_by_lead")
    assert {(title, lead) for title, lead, *_ in rows} == {
        (title, lead) for title in MADE for lead in DAYS if RELEASED[title] - timedelta(lead) >= NIGHTS[0]
    }
    for title, lead, as_of, error, *within in rows:
        age = (RELEASED[title] - as_of).days
        assert lead <= age < lead + 14
        assert error == pytest.approx(forecast(title, as_of) - np.log10(MADE[title]))
        assert within == [abs(error) <= 0.1, abs(error) <= 0.3, abs(error) <= 1]


SLICES = [
    ("all", "all", "abcd"),
    ("year", "2001", "ab"),
    ("genre", "Drama", "ab"),
    ("genre", "Comedy", "bc"),
    ("budget", "unknown", "c"),
    ("budget", "$1M to $10M", "ad"),
    ("budget", "$100M and more", "b"),
    ("precision", "day", "abcd"),
    ("model", "first", "ab"),
    ("model", "second", "cd"),
]


@pytest.mark.parametrize(("kind", "value", "titles"), SLICES)
def test_the_summary_is_that_of_its_films(published: Warehouse, kind: str, value: str, titles: str) -> None:
    rows = published.rows(
        "select predicted_log10_dollars, actual_log10_dollars from accuracy_by_lead "
        "where lead_days = 30 and title = any(%s)",
        [list(titles)],
    )
    said, made = np.array(rows, dtype=float).T
    error = said - made
    [(films, bias, mae, median, r2, in_50, in_80)] = published.rows(
        "select films, bias_log10, mae_log10, median_ae_log10, r2_log10, in_50, in_80 from accuracy_summary "
        "where lead_days = 30 and slice = %s and value = %s",
        [kind, value],
        role="pel_reader",
    )
    assert films == len(titles)
    assert [bias, mae, median] == pytest.approx([error.mean(), abs(error).mean(), np.median(abs(error))])
    assert [in_50, in_80] == pytest.approx([(abs(error) <= 0.1).mean(), (abs(error) <= 0.3).mean()])
    spread = ((made - made.mean()) ** 2).sum()
    assert r2 == (pytest.approx(1 - (error**2).sum() / spread) if len(titles) > 1 else None)
