"""The forecasts on a terminal: what users see in the views, as tables."""

from datetime import date
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from pel.warehouse.connection import connect, query


def print_forecasts(database_url: str, as_of: date | None, limit: int) -> None:
    """Print upcoming films, the largest forecast first, beside what each really made where that is known.

    Without ``as_of``, those of the newest date that was published for.
    """
    with connect(database_url) as connection:
        rows = query(connection, "forecasts/upcoming", {"as_of": as_of, "limit": limit})
    if not rows:
        Console().print(f'There are no forecasts{f" as of {as_of}" if as_of else ""} yet; "pel run" makes them.')
        return
    upcoming = f"Films upcoming as of {rows[0].as_of}: {len(rows)} of {rows[0].films:,} (million dollars)"
    table = Table("Release", "Film", title=upcoming)
    for heading in ("Predicted", "4 of 5 make", "Really made", "Ratio"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            _release(row.release_date, row.release_precision),
            row.title,
            _millions(row.predicted_dollars),
            _range(row.low_80_dollars, row.high_80_dollars),
            _millions(row.actual_dollars),
            f"{row.predicted_dollars / row.actual_dollars:.2f}" if row.actual_dollars else "",
        )
    Console().print(table)


def print_scoreboard(database_url: str) -> None:
    """Print the held-out figures of the model that made the newest forecasts, beside its base models and the mean."""
    with connect(database_url) as connection:
        rows = query(connection, "forecasts/scoreboard")
    if not rows:
        return
    first = rows[0]
    table = Table(
        "Held out",
        title=f"{first.model_version} on {first.films} films released since {first.held_out_start}, "
        "unseen by every fit and weight (log10 dollars)",
    )
    for heading in ("R²", "MSE", "MAE"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            row.predictor.replace("_", " "), f"{row.r2_log10:.3f}", f"{row.mse_log10:.3f}", f"{row.mae_log10:.3f}"
        )
    Console().print(table)


def print_replays(database_url: str, dates: list[date]) -> None:
    """Print how right the newest replay of each date was, of all films and by what was known of their budgets."""
    with connect(database_url) as connection:
        rows = query(connection, "replays/scoreboard", {"dates": dates})
    if not rows:
        return
    title = "Made afterwards for past dates; errors in log10 dollars"
    table = Table("As of", "Budget", title=title, box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading in ("Films", "Judged", "R²", "MAE", "Median", "Bias", "In 80 %"):
        table.add_column(heading, justify="right")
    for row in rows:
        if row.budget == "any":
            table.add_section()
        table.add_row(
            str(row.as_of),
            row.budget,
            f"{row.films:,}",
            f"{row.films_judged:,}",
            _figure(row.r2_log10),
            _figure(row.mae_log10),
            _figure(row.median_error_log10),
            _figure(row.bias_log10, "+"),
            f"{row.coverage_80:.0%}" if row.films_judged else "",
        )
    Console().print(table)


def _figure(value: float | None, sign: str = "") -> str:
    return f"{value:{sign}.3f}" if value is not None else ""


def _release(day: date, precision: str) -> str:
    """A release date as far as it is known: 2014-11-07, 2014-11 or 2014."""
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]


def _millions(dollars: Decimal | None) -> str:
    """Dollars in millions, to as many digits as say something."""
    if dollars is None:
        return ""
    millions = dollars / 1_000_000
    return f"{millions:,.{0 if millions >= 10 else 1 if millions >= 1 else 2}f}"


def _range(low: Decimal | None, high: Decimal | None) -> str:
    """A range; a prediction made before there were any has none."""
    return f"{_millions(low)} to {_millions(high)}" if low is not None else ""
