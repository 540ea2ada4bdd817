"""What people know better than the sources: a CSV file of ``film, field, value, reason``.

``film`` is an external id such as ``tmdb:348`` or ``imdb:tt0078748``, ``value`` may be ``unknown``. The file is the
whole truth: a line that is taken out does not count any more.
"""

import csv
from collections.abc import Iterator
from typing import Any

import fsspec

from pel.sources.records import Batch, Correction, Reject, Source, SourceError, as_text, film_or_reject

COLUMNS = ["film", "field", "value", "reason"]
FIELDS = ["title", "release_date", "runtime_minutes", "certification", "budget", "box_office"]
UNKNOWN = "unknown"


class CorrectionsSource(Source):
    """The corrections file, as a local path or any fsspec URL."""

    name = "corrections"
    complete = True

    def __init__(self, location: str) -> None:
        self.location = location

    def batches(self) -> Iterator[Batch]:
        """The file as a whole."""
        yield Batch("corrections", self._records)

    def _records(self) -> Iterator[Correction | Reject]:
        """One record a film, in the order in which the films come first."""
        corrections: dict[str, Correction] = {}
        for line in self._lines():
            correction = _correction(line)
            if isinstance(correction, Reject):
                yield correction
            elif (earlier := corrections.get(correction.key)) and earlier.values.keys() & correction.values.keys():
                yield Reject(f"field: {line['field']} of {line['film']} was corrected by a line before", as_text(line))
            else:
                corrections[correction.key] = earlier.joined(correction) if earlier else correction
        yield from corrections.values()

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            with fsspec.open(self.location, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
                reader = csv.DictReader(file, restkey="rest")
                if reader.fieldnames != COLUMNS:
                    raise SourceError(f"{self.location} has to begin with the line {','.join(COLUMNS)}.")
                yield from reader
        except (OSError, csv.Error) as error:
            raise SourceError(
                f"The corrections file {self.location} cannot be read ({error}); put it back, or unset PEL_CORRECTIONS."
            ) from error


def _correction(line: dict[str, Any]) -> Correction | Reject:
    film, field, value, reason = (line[column] and line[column].strip() for column in COLUMNS)
    if field not in FIELDS:
        return Reject(f"field: {field!r} is not one of {', '.join(FIELDS)}", as_text(line))
    if not value or not reason or "rest" in line:
        return Reject("reason: every correction has a film, a field, a value and a reason", as_text(line))
    checked = film_or_reject(_fields(film, field, value), raw=line)
    if isinstance(checked, Reject):
        return checked
    names = [field, "release_precision"] if field == "release_date" else [field]
    said = checked.model_dump(mode="json", include=set(names))
    return Correction(key=film, ids=checked.ids, values=said, reasons={field: reason})


def _fields(film: str, field: str, value: str) -> dict[str, Any]:
    """The fields of a film with this one value, so that it keeps the rules that every film keeps."""
    fields: dict[str, Any] = {"key": film, "ids": [film], "title": film}
    if value == UNKNOWN:
        return fields | ({} if field != "title" else {"title": None})
    if field == "box_office":
        return fields | {"box_office": {"dollars": value}}
    if field == "release_date":
        return fields | {"release_date": value, "release_precision": "day"}
    return fields | {field: value}
