from datetime import date

import pytest

from pel.forecasts.report import print_forecasts, print_replays, print_scoreboard
from tests.chain import AS_OF
from tests.conftest import Trained, Warehouse


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


def test_forecasts_are_in_millions_each_with_its_range(trained: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    print_forecasts(trained.warehouse.url("pel_reader"), None, 1)
    ((title, *dollars),) = trained.warehouse.rows(
        """
        select title, predicted_dollars, low_80_dollars, high_80_dollars
        from upcoming_predictions order by predicted_dollars desc limit 1
        """
    )
    predicted, low, high = (f"{float(figure) / 1e6:,.0f}" for figure in dollars)
    line = next(line for line in capsys.readouterr().out.splitlines() if title in line)
    assert [cell.strip() for cell in line.split("│")][2:5] == [title, predicted, f"{low} to {high}"]


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


def test_replays_are_shown_with_their_errors_in_eighty_columns(
    replayed: Warehouse, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_replays(replayed.url("pel_reader"), [AS_OF, AS_OF.replace(year=1986)])
    rows = [line.split() for line in capsys.readouterr().out.splitlines() if "1985-01-01" in line]
    assert [row[1] for row in rows] == ["any", "unknown"]
    shown = replayed.rows(
        "select '1985-01-01', 'any', films::text, films_judged::text, to_char(r2_log10, 'FM0.000') "
        "from replay_scoreboard where budget = 'any'"
    )
    assert rows[0][:5] == list(shown[0])
