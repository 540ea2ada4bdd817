from pathlib import Path

import pytest
from typer.testing import CliRunner

from pel.cli import app


@pytest.mark.parametrize(
    ("command", "variables", "message"),
    [
        (["dsn"], {}, "run `make run` or `pel up` first"),
        (["status"], {}, "run `make run` or `pel up` first"),
        (["forecasts"], {}, "run `make run` or `pel up` first"),
        (["up"], {"PEL_UI_PORT": "http"}, "PEL_UI_PORT is 'http'"),
        (["up"], {"PEL_AS_OF": "2014-13-01"}, "PEL_AS_OF is '2014-13-01'"),
        (["run", "--as-of", "soon"], {}, "--as-of is 'soon'"),
        (["ingest", "imdb"], {}, "There is no source 'imdb'; choose one of"),
        (["ingest", "tmdb", "--from", "soon"], {}, "--from is 'soon'"),
        (["backtest", "--from", "soon", "--to", "2014-01-01"], {}, "--from is 'soon'"),
        (["backtest", "--from", "2013-01-01", "--to", "then"], {}, "--to is 'then'"),
        (["backtest", "--from", "2014-01-01", "--to", "2013-01-01"], {}, "which is after to, 2013-01-01"),
        (["backtest", "--from", "2014-01-01", "--to", "2999-01-01"], {}, "only past dates can be replayed"),
        (["backtest", "--from", "2013-01-01", "--to", "2014-01-01", "--every", "0"], {}, "every is 0; the months"),
        (["backtest", "--from", "2013-01-01", "--to", "2014-01-01"], {}, "run `make run` or `pel up` first"),
        (["ingest", "kaggle", "archive.zip"], {}, "run `make run` or `pel up` first"),
    ],
)
def test_an_expected_error_is_one_line(
    tmp_path: Path, command: list[str], variables: dict[str, str], message: str
) -> None:
    outcome = CliRunner().invoke(app, command, env={"PEL_HOME": str(tmp_path / "home"), **variables})
    assert outcome.exit_code == 1
    assert message in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    assert outcome.stdout == ""


@pytest.mark.parametrize(
    "command", ["up", "down", "status", "run", "ingest", "forecasts", "rollback", "backtest", "dsn", "clean"]
)
def test_every_command_shows_an_example(command: str) -> None:
    outcome = CliRunner().invoke(app, [command, "--help"])
    assert outcome.exit_code == 0
    assert "Example: " in outcome.stdout
