"""The command ``pel``: start the pipeline on this machine, run it, and read what it forecasts."""

import logging
import shutil
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console
from typer.core import TyperGroup

from pel.local import cycle, embedded, stack
from pel.local.errors import LocalError
from pel.settings import Settings, parse_date
from pel.sources import SOURCES
from pel.warehouse.connection import WarehouseError
from pel.warehouse.provision import PIPELINE, READER

console = Console()


class _Commands(TyperGroup):
    """Turns the errors a user can do something about into one line."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        try:
            return super().invoke(ctx)
        except psycopg.OperationalError as error:
            message = f"The database does not answer; start it with `make run` or `pel up`. ({error})"
        except (ValueError, LocalError, WarehouseError) as error:
            message = str(error)
        typer.echo(f"pel: {message}", err=True)
        raise typer.Exit(1)


class Role(StrEnum):
    """Who asks the database."""

    reader = "reader"
    planner = "planner"
    pipeline = "pipeline"


app = typer.Typer(
    cls=_Commands, no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False
)

AsOf = Annotated[str | None, typer.Option("--as-of", help="Date from which to look, such as 2014-01-01.")]


@app.callback()
def _main() -> None:
    logging.basicConfig(format="%(message)s")
    logging.getLogger("pel.local").setLevel(logging.INFO)


@app.command()
def up() -> None:
    """Start Postgres and Airflow, or bring them to the present settings; returns when they are healthy.

    Example: PEL_UI_PORT=8081 pel up
    """
    _print_login(stack.up(Settings.from_environment()))


@app.command()
def down() -> None:
    """Stop everything that `up` started. What the database holds stays.

    Example: pel down
    """
    _print_stopped(stack.down(Settings.from_environment()))


@app.command()
def status() -> None:
    """Show what runs and where the Airflow UI is. Exit code 1 if something that should run does not.

    Example: pel status
    """
    found = stack.status(Settings.from_environment())
    for program, state in found.programs.items():
        console.print(f"{program:15}{state}", highlight=False)
    for component, state in found.unhealthy.items():
        console.print(f"{component} is not healthy: {state}", highlight=False, markup=False)
    if not found.programs:
        raise LocalError("Nothing runs; start it with `pel up`.")
    _print_login(found)
    if found.unhealthy or set(found.programs.values()) != {"RUNNING"}:
        raise typer.Exit(1)


@app.command()
def metrics() -> None:
    """Print what tells whether the installation is well, for Prometheus.

    Example: pel metrics > /var/lib/node_exporter/pel.prom
    """
    from pel.local.metrics import metrics

    typer.echo(metrics(Settings.from_environment()), nl=False)


@app.command()
def notify() -> None:
    """Send a notice to everyone of PEL_NOTIFY, to see that it arrives. Exit code 1 if somebody cannot be told.

    Example: PEL_NOTIFY=mailto://user:password@example.com pel notify
    """
    from pel.notify import notify

    if not notify("P-EL: a test", "If you can read this, you will be told of runs that fail or are late."):
        raise typer.Exit(1)


@app.command()
def run(as_of: AsOf = None) -> None:
    """Run the whole pipeline once through Airflow, and print what it forecasts.

    Example: pel run --as-of 2014-01-01
    """
    from pel.forecasts.report import print_forecasts, print_scoreboard

    settings = Settings.from_environment()
    day = _as_date(as_of)
    cycle.run(settings, day, console=console)
    reader_url = stack.open_stack(settings).url(READER)
    print_forecasts(reader_url, day, 20)
    print_scoreboard(reader_url)
    _print_login(stack.status(settings))
    _print_ways_in()


@app.command()
def ingest(
    source: Annotated[str, typer.Argument(help=f"One of {', '.join(SOURCES)}.")],
    location: Annotated[str | None, typer.Argument(help="File, folder or URL; what was downloaded, as it is.")] = None,
    releases_from: Annotated[str | None, typer.Option("--from", help="tmdb: first day of release.")] = None,
    releases_to: Annotated[str | None, typer.Option("--to", help="tmdb: last day of release.")] = None,
) -> None:
    """Take films in through Airflow, and print what came of it. Attributes, models and forecasts follow by themselves.

    Example: pel ingest kaggle archive.zip
    """
    from pel.warehouse.summary import newest_run, print_runs

    if source not in SOURCES:
        raise ValueError(f"There is no source {source!r}; choose one of {', '.join(SOURCES)}.")
    for option, day in (("--from", releases_from), ("--to", releases_to)):
        if day:
            parse_date(day, option)
    if location and Path(location).exists():
        location = str(Path(location).resolve())
    settings = Settings.from_environment()
    pipeline_url = stack.open_stack(settings).url(PIPELINE)
    last_run = newest_run(pipeline_url)
    form = {"source": source, "location": location, "releases_from": releases_from, "releases_to": releases_to}
    cycle.ingest(settings, form, console=console)
    print_runs(pipeline_url, last_run, console)


@app.command()
def forecasts(
    as_of: AsOf = None, limit: Annotated[int, typer.Option(min=1, help="How many films to show.")] = 20
) -> None:
    """Print the forecasts for films that are not out yet.

    Example: pel forecasts --as-of 2014-01-01 --limit 10
    """
    from pel.forecasts.report import print_forecasts

    print_forecasts(stack.open_stack(Settings.from_environment()).url(READER), _as_date(as_of), limit)


@app.command()
def rollback(
    version: Annotated[str | None, typer.Argument(help="An earlier champion; without it, the last one.")] = None,
    as_of: AsOf = None,
) -> None:
    """Make an earlier model the champion again. What is published follows when `publish_predictions` runs next.

    Example: pel rollback
    """
    from pel.training.rollback import roll_back

    pipeline_url = stack.open_stack(Settings.from_environment()).url(PIPELINE)
    earlier, day = roll_back(version, as_of=_as_date(as_of), database_url=pipeline_url)
    typer.echo(f"From {day} on the champion is {earlier}; trigger publish_predictions to publish its forecasts now.")


@app.command()
def backtest(
    first: Annotated[str, typer.Option("--from", help="The first date to replay, such as 2013-07-01.")],
    last: Annotated[str, typer.Option("--to", help="The last one.")],
    every: Annotated[int, typer.Option(help="Months from one date to the next.")] = 6,
    force: Annotated[bool, typer.Option("--force", help="Replay also what was replayed already.")] = False,
) -> None:
    """Do the whole again for past dates through Airflow, and print how right the forecasts would have been.

    Example: pel backtest --from 2013-07-01 --to 2017-01-01 --every 6
    """
    from pel.forecasts.replay import dates
    from pel.forecasts.report import print_replays

    days = dates(parse_date(first, "--from"), parse_date(last, "--to"), every)
    settings = Settings.from_environment()
    reader_url = stack.open_stack(settings).url(READER)
    try:
        cycle.backtest(settings, {"from": first, "to": last, "every": every, "force": force}, console=console)
    finally:
        print_replays(reader_url, days)


@app.command()
def dsn(role: Annotated[Role, typer.Option(help="Whose URL.")] = Role.reader) -> None:
    """Print the URL of the database, and nothing else.

    Example: psql "$(pel dsn --role reader)"
    """
    typer.echo(stack.open_stack(Settings.from_environment()).url(f"pel_{role}"))


@app.command()
def clean() -> None:
    """Stop everything and delete the database, models, logs and passwords of this installation.

    Example: pel clean
    """
    _print_stopped(stack.clean(Settings.from_environment()))


def _as_date(as_of: str | None) -> date | None:
    return parse_date(as_of, "--as-of") if as_of else None


def _print_login(found: stack.Status) -> None:
    console.print(
        f"Airflow    {found.ui_url}  user admin, password {found.password}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _print_ways_in() -> None:
    pel, psql = sys.argv[0], shutil.which("psql") or embedded.psql()
    for line in (
        f'SQL        {psql} "$({pel} dsn --role reader)"',
        f'Notebook   url = subprocess.check_output(["{pel}", "dsn"], text=True).strip()',
        '           pandas.read_sql("select * from upcoming_predictions",',
        '                           sqlalchemy.create_engine(url.replace("://", "+psycopg://")))',
    ):
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _print_stopped(names: list[str]) -> None:
    text = f"Stopped {', '.join(names)}." if names else "Nothing was running."
    console.print(text, highlight=False, markup=False, soft_wrap=True)
