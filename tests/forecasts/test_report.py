from datetime import date

import pytest

from pel.forecasts.report import print_forecasts, print_scoreboard
from tests.conftest import Trained


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_the_table_shows_the_largest_forecasts_beside_what_they_made(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    print_forecasts(trained.warehouse.url("pel_reader"), None, 5)
    shown = capsys.readouterr().out
    top = trained.warehouse.rows("select title from upcoming_predictions order by predicted_dollars desc limit 6")
    assert all(title in shown for (title,) in top[:5])
    assert top[5][0] not in shown
    assert "Films upcoming as of 1985-01-01: 5 of" in shown


def test_a_film_dated_to_the_year_shows_its_year_alone(trained: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    print_forecasts(trained.warehouse.url("pel_reader"), None, 1000)
    shown = capsys.readouterr().out
    assert "│ 1985       │" in shown
    assert "1985-12-31" not in shown
    assert "1985-01-01 │" not in shown


def test_a_date_without_forecasts_says_how_to_get_them(trained: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    print_forecasts(trained.warehouse.url("pel_reader"), date(1970, 1, 1), 5)
    assert 'no forecasts as of 1970-01-01 yet; "pel run" makes them' in capsys.readouterr().out


def test_the_scoreboard_starts_with_the_ensemble(trained: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    print_scoreboard(trained.warehouse.url("pel_reader"))
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("│")]
    assert "ensemble" in rows[0]
    assert any("training mean" in row for row in rows)
