"""The forecasts as a file for other programs: every column of ``published_predictions``, the largest forecast first.

Dollars are whole numbers, dates are dates (in JSON as in ISO 8601).
"""

import io
import json
from datetime import date
from decimal import Decimal
from typing import Literal

import pandas as pd

from pel.warehouse.connection import connect, query

Format = Literal["csv", "json", "parquet"]


def export(database_url: str, form: Format, as_of: date | None, limit: int | None) -> bytes:
    """The file.

    Args:
        database_url: URL of a reader.
        form: Which kind of file; JSON is a list of objects.
        as_of: Date from which the forecasts look; None for the newest that was published.
        limit: How many films; None for all.

    Raises:
        ValueError: There are no forecasts.
    """
    with connect(database_url) as connection:
        rows = query(connection, "forecasts/export", {"as_of": as_of, "limit": limit})
    if not rows:
        raise ValueError(f'There are no forecasts{f" as of {as_of}" if as_of else ""} yet; "pel run" makes them.')
    films = pd.DataFrame(rows, dtype=object).apply(_typed)
    if form == "csv":
        return films.to_csv(index=False).encode()
    if form == "json":
        # not by pandas, which drops the last digits of a number
        records = films.astype(object).where(films.notna(), None).to_dict("records")
        return json.dumps(records, indent=1, default=lambda moment: moment.isoformat()).encode()
    file = io.BytesIO()
    films.to_parquet(file, index=False)
    return file.getvalue()


def _typed(column: pd.Series) -> pd.Series:
    """Numbers as numbers, moments as moments; a column of dates keeps them as they are."""
    first = next(iter(column.dropna()), None)
    if isinstance(first, Decimal):
        return column.astype("Float64").astype("Int64")
    return column if type(first) is date else column.infer_objects()
