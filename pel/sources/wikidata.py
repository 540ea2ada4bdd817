"""The demo's films: a CC0 extract of Wikidata, 1940 to 2014, in the package ``bokeh_sampledata``.

An SQLite file with the tables ``omdb`` and ``tomatoes``. Its quirks: lists are joined by ``", "`` (so is "Robert
Downey, Jr."), casts are alphabetical, and a date known to the year only reads January 1st.
"""

import sqlite3
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pel.sources.records import Batch, Film, Reject, Source, SourceError, as_text, film_or_reject

QUERY = """
select o.imdbID, o.Title, o.Released, o.Runtime, o.Genre, o.Director, o."Cast", o.Language, o.Country,
       t.Rating, t.Reviews, t.BoxOffice, t.Production
from omdb o left join tomatoes t using (ID)
order by o.ID
"""
SUFFIXES = {"Jr.", "Jr", "Sr.", "Sr", "II", "III", "IV"}  # belong to the name before the comma


class WikidataSource(Source):
    """Films of the Wikidata extract, from the installed package or from a file of the same layout."""

    name = "wikidata"

    def __init__(self, location: str | None = None) -> None:
        self.location = location or str(_packaged_file())

    def batches(self) -> Iterator[Batch]:
        """The file as a whole."""
        yield Batch("films", self._records)

    def _records(self) -> Iterator[Film | Reject]:
        """Every film of the file, by its number there."""
        if not Path(self.location).is_file():
            raise SourceError(f"There is no file {self.location}; set PEL_DATA to a copy of movies.db, or unset it.")
        connection = sqlite3.connect(f"{Path(self.location).resolve().as_uri()}?mode=ro", uri=True)
        try:
            connection.row_factory = sqlite3.Row
            # a text that is not UTF-8 makes its own record unreadable, not the whole file
            connection.text_factory = lambda text: text.decode(errors="surrogateescape")
            for row in connection.execute(QUERY):
                yield _film(dict(row))
        except sqlite3.DatabaseError as error:
            raise SourceError(f"{self.location} is not the Wikidata extract ({error}); fetch it again.") from error
        finally:
            connection.close()


def _packaged_file() -> Path:
    spec = find_spec("bokeh_sampledata")
    if spec is None or spec.origin is None:
        raise SourceError("The package bokeh_sampledata is not installed; install requirements.txt.")
    return Path(spec.origin).parent / "_data" / "movies.db"


def _film(row: dict[str, Any]) -> Film | Reject:
    try:
        released, precision = _release(row["Released"])
        fields = {
            "key": row["imdbID"],
            "ids": [f"imdb:{row['imdbID']}"],
            "title": row["Title"],
            "release_date": released,
            "release_precision": precision,
            "runtime_minutes": row["Runtime"],
            "directors": [{"name": name} for name in _names(row, "Director")],
            "cast": [{"name": name} for name in _names(row, "Cast")],
            "genres": _names(row, "Genre"),
            "companies": _names(row, "Production"),
            "countries": _names(row, "Country"),
            "languages": _names(row, "Language"),
            "rating": {"value": row["Rating"], "votes": row["Reviews"]} if row["Rating"] is not None else None,
            "box_office": {"dollars": row["BoxOffice"]} if row["BoxOffice"] else None,
        }
    except ValueError as error:
        return Reject(reason=str(error), raw=as_text(row))
    return film_or_reject(fields, raw=row)


def _release(text: str | None) -> tuple[date | None, str | None]:
    """The last possible day of release and what is known of it. January 1st stands for "some day of that year"."""
    if not text:
        return None, None
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"Released: {text!r} is not a date") from None
    if (day.month, day.day) == (1, 1):
        return date(day.year, 12, 31), "year"
    return day, "day"


def _names(row: dict[str, Any], column: str) -> list[str]:
    """The names of a list, once each and in its order."""
    text = row[column] or ""
    if not isinstance(text, str):
        raise ValueError(f"{column}: {text!r} is not a list of names")
    names: dict[str, None] = {}
    for part in filter(None, text.split(", ")):
        if part in SUFFIXES and names:
            part = f"{names.popitem()[0]}, {part}"
        names[part] = None
    return list(names)
