"""Films from CSV files that keep answers of TMDB's API: a file of films, and side files about the same films.

Each record of the file of films becomes a film or a reject. Side files may have any order and size. Of each, the
first record of a film goes with every record of that film; a later one, one of no film and one that cannot be read is a
reject. A film whose side record cannot be read is taken in without it.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from pel.sources.archive import Archive
from pel.sources.records import Film, Reject, as_text
from pel.sources.tmdb_film import film_or_reject_of

# ASCII only, and short enough for every film's figures: int() would take "٣", "1_000" and ten thousand digits.
NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,40})?(e-?[0-9]{1,2})?", re.ASCII | re.IGNORECASE)

SHELF = """
create table shelf (file text, key text, record text, is_taken int, primary key (file, key))
"""
PUT = "insert or ignore into shelf values (?, ?, ?, 0)"
TAKE = "update shelf set is_taken = 1 where file = ? and key = ? returning record"
LEFT = "select file, record from shelf where not is_taken order by rowid"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A CSV file about films.

    Attributes:
        file: Its name.
        key: The column with TMDB's number of the film.
        columns: How to read the text of each column that is of use; raises ValueError saying what is wrong with it.
    """

    file: str
    key: str
    columns: Mapping[str, Callable[[str], Any]]

    def rows(self, archive: Archive) -> Iterator[dict[str, str] | Reject]:
        """The file's records."""
        return archive.rows(self.file, {self.key, *self.columns})

    def read(self, row: Mapping[str, str]) -> dict[str, Any]:
        """The values, None for an empty text; raises ValueError naming the file and every column that is broken."""
        values, broken = {}, []
        for column, reader in self.columns.items():
            try:
                values[column] = reader(row[column]) if row[column] else None
            except ValueError as error:
                broken.append(f"{column}: {error}")
        if broken:
            raise ValueError(f"{self.file}: {'; '.join(broken)}")
        return values


def films(archive: Archive, movies: Table, sides: Sequence[Table]) -> Iterator[Film | Reject]:
    """Every film with its side records; memory does not grow with the files, which wait in a temporary one."""
    with closing(sqlite3.connect("")) as shelf:  # on disk, without a name, and gone when closed
        shelf.execute("pragma journal_mode = off")
        shelf.execute(SHELF)
        for side in sides:
            yield from _put(shelf, side, archive)
        for row in movies.rows(archive):
            if isinstance(row, Reject):
                yield row
            else:
                yield from _film(shelf, row, movies, sides)
        for file, record in shelf.execute(LEFT):
            yield Reject(f"{file}: {movies.file} has no film for this record", record)


def _put(shelf: sqlite3.Connection, side: Table, archive: Archive) -> Iterator[Reject]:
    for row in side.rows(archive):
        if isinstance(row, Reject):
            yield row
            continue
        key, record = _key(row[side.key]), as_text(row)
        if not shelf.execute(PUT, [side.file, key, record]).rowcount:
            yield Reject(f"{side.file}: a record of {key} came before", record)


def _film(
    shelf: sqlite3.Connection, row: dict[str, str], movies: Table, sides: Sequence[Table]
) -> Iterator[Film | Reject]:
    values: dict[str, Any] = {}
    raw = row
    for side in sides:
        for (record,) in shelf.execute(TAKE, [side.file, _key(row[movies.key])]).fetchall():
            side_row = json.loads(record)
            raw = side_row | raw
            try:
                values |= side.read(side_row)
            except ValueError as error:
                yield Reject(str(error), record)
    try:
        values |= movies.read(row)
    except ValueError as error:
        yield Reject(str(error), as_text(raw))
    else:
        yield film_or_reject_of(_as_answer(values), raw, observed_on=None)


def _as_answer(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values where TMDB's API has them."""
    credits_ = {"cast": values.get("cast"), "crew": values.get("crew")}
    return {**values, "credits": credits_, "keywords": {"keywords": values.get("keywords")}}


def _key(text: str) -> str:
    """A film's number as text; copies made with pandas have 862.0 for 862."""
    try:
        return str(number(text))
    except ValueError:
        return text


def number(text: str) -> int | float:
    """A number, whole if it has no fraction."""
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a number, or has too many digits")
    value = float(text)
    return int(value) if value.is_integer() else value


def whole(text: str) -> int:
    """A number to the nearest whole one."""
    return round(number(text))


def truth(text: str) -> bool:
    """True or False."""
    if text not in ("True", "False"):
        raise ValueError(f"{text[:80]!r} is neither True nor False")
    return text == "True"


def record_in(parse: Callable[[str], Any]) -> Callable[[str], dict[str, Any]]:
    """Reads a text that holds one record."""

    def read(text: str) -> dict[str, Any]:
        value = parse(text)
        if not isinstance(value, dict):
            raise ValueError(f"{text[:80]!r} is not a record")
        return value

    return read


def records_in(parse: Callable[[str], Any]) -> Callable[[str], list[dict[str, Any]]]:
    """Reads a text that holds a list of records."""

    def read(text: str) -> list[dict[str, Any]]:
        value = parse(text)
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise ValueError(f"{text[:80]!r} is not a list of records")
        return value

    return read
