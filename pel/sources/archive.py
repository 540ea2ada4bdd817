"""Named CSV files of a folder or a zip, wherever fsspec reaches, one record at a time.

Nothing is extracted to disk, so the names in a zip cannot point anywhere, and no file is ever held in memory as a
whole. One bad record is one :class:`Reject`; an archive that is damaged or dangerous is a :class:`SourceError`.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache, partial
from operator import itemgetter
from typing import IO, Any, ClassVar

from fsspec.core import url_to_fs

from pel.sources.records import Reject, Source, SourceError, as_text

# Far above the longest text of the archive at hand, 16,004 characters, whose casts are cut to five; a quote that is
# never closed ends here. A longer field costs its record, a longer record costs the file, for it is none.
MAX_FIELD = 2**20
MAX_RECORD = 4 * 2**20
# Deflate brings these files to a sixth, and a file of one byte repeated to a thousandth.
MAX_RATIO = 200

csv.field_size_limit(MAX_FIELD)  # the module has one limit for all readers, by default too low for a crew


class Archive:
    """A folder of CSV files, or a zip (by its name) with them anywhere in it; a path, or a URL that fsspec knows."""

    def __init__(self, location: str) -> None:
        self.location = location
        self._bytes_before = 0  # of the files that were read to their end
        self._file: IO[bytes] | None = None  # the one that is being read

    def fraction_read(self, bytes_in_all: int) -> float:
        """Which part of so many bytes has been read, 0 to 1."""
        here = self._file.tell() if self._file and not self._file.closed else 0
        return min((self._bytes_before + here) / bytes_in_all, 1.0)

    def size(self, names: Collection[str]) -> int:
        """Bytes, unpacked, of those of these files that there are; raises SourceError if there is no telling."""
        with self._failing_as_source_error(", ".join(names)):
            filesystem, path = url_to_fs(self.location)
            if not _is_zip(path):
                return sum(filesystem.size(file) for name in names if filesystem.exists(file := f"{path}/{name}"))
            with filesystem.open(path) as file, zipfile.ZipFile(file) as members:
                return sum(member.file_size for name in names for member in _named(members, name))

    def __contains__(self, name: str) -> bool:
        """Whether there is a file of that name; raises SourceError if there is no telling."""
        with self._failing_as_source_error(name):
            filesystem, path = url_to_fs(self.location)
            if not _is_zip(path):
                return bool(filesystem.exists(f"{path}/{name}"))
            with filesystem.open(path) as file, zipfile.ZipFile(file) as members:
                return bool(_named(members, name))

    def rows(self, name: str, columns: Collection[str]) -> Iterator[dict[str, str] | Reject]:
        """The records of a file, each as the texts of all its columns or, if it cannot be split into them, a reject.

        Text is UTF-8; a record with other bytes, or with a NUL, is a reject. Blank lines are no records.

        Args:
            name: The file's name without folders.
            columns: Those that the file has to have; it may have others and any order.

        Raises:
            SourceError: The file is missing, damaged, encrypted, packed like a bomb or not such a table.
        """
        records = self._records(name, columns)
        header: Any = next(records)
        for record in records:
            yield record if isinstance(record, Reject) else dict(zip(header, record, strict=True))

    def tuples(self, name: str, columns: Collection[str]) -> Iterator[tuple[str, ...] | Reject]:
        """As :meth:`rows`, but of each record only the columns asked for, in that order: for millions of records."""
        records = self._records(name, columns)
        header: Any = next(records)
        pick = itemgetter(*map(header.index, columns))
        for record in records:
            yield record if isinstance(record, Reject) else pick(record)

    def _records(self, name: str, columns: Collection[str]) -> Iterator[list[str] | Reject]:
        """The header, then the records."""
        with self._failing_as_source_error(name), self._open(name) as file:
            lines: list[str] = []  # of the record that is being read
            reader = csv.reader(self._bounded_lines(name, file, lines), strict=True)
            header = next(reader, [])
            if not set(columns) <= set(header) or len(set(header)) < len(header):
                raise SourceError(
                    f"{name} of {self.location} starts with {','.join(header)[:200]!r}; it has to be CSV in UTF-8 "
                    f"with the columns {', '.join(sorted(columns))}, each once."
                )
            yield header
            while True:
                lines.clear()
                try:
                    fields = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield _reject(name, f"not a record of CSV: {error}", lines)
                    continue
                text = "".join(lines)
                if "\0" in text or not (text.isascii() or _encodes(text)):
                    yield _reject(name, "not text in UTF-8 without NUL", lines)
                elif len(fields) == len(header):
                    yield fields
                elif fields:
                    yield _reject(name, f"{len(fields)} fields where the header has {len(header)}", lines)

    def _bounded_lines(self, name: str, file: io.TextIOWrapper, record: list[str]) -> Iterator[str]:
        """The lines, kept in ``record`` too; whoever reads them clears it when a record is complete."""
        length = 0
        for line in iter(partial(file.readline, MAX_RECORD + 1), ""):
            length = length + len(line) if record else len(line)
            if length > MAX_RECORD:
                raise SourceError(
                    f"{name} of {self.location} has a record of more than {MAX_RECORD:,} characters, so it is not the "
                    "CSV file that it should be; fetch it again."
                )
            record.append(line)
            yield line

    @contextmanager
    def _open(self, name: str) -> Iterator[io.TextIOWrapper]:
        filesystem, path = url_to_fs(self.location)
        if _is_zip(path):
            with (
                filesystem.open(path) as file,
                zipfile.ZipFile(file) as members,
                members.open(self._member(members, name)) as member,
                self._watched(member) as text,
            ):
                yield text
        else:
            with filesystem.open(f"{path}/{name}") as file, self._watched(file) as text:
                yield text

    @contextmanager
    def _watched(self, file: IO[bytes]) -> Iterator[io.TextIOWrapper]:
        """The file as text; how far it is read can be asked."""
        self._file = file
        with _as_text_file(file) as text:
            yield text
            self._bytes_before += file.tell()
        self._file = None

    def _member(self, members: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
        """The one file of that name; raises SourceError if it is not fit to be read."""
        found = _named(members, name)
        if not found:
            raise FileNotFoundError(name)
        if len(found) > 1:
            names = ", ".join(repr(member.filename) for member in found)
            raise SourceError(f"{self.location} has {name} more than once ({names}); unpack it and give one folder.")
        (member,) = found
        if member.flag_bits & 1:
            raise SourceError(f"{name} in {self.location} is encrypted; unpack it and give the folder.")
        if member.file_size > MAX_RATIO * member.compress_size:
            raise SourceError(
                f"{name} in {self.location} would unpack from {member.compress_size:,} to {member.file_size:,} bytes, "
                f"more than {MAX_RATIO} times: no text does. Fetch it again; if you trust it, unpack it and give the "
                "folder."
            )
        return member

    @contextmanager
    def _failing_as_source_error(self, name: str) -> Iterator[None]:
        try:
            yield
        except SourceError:
            raise
        except FileNotFoundError as error:
            raise SourceError(
                f"There is no {name} in {self.location}; set PEL_DATA to the zip as downloaded, or to its folder."
            ) from error
        except Exception as error:  # the errors of zipfile, its codecs and the file systems have no common base
            raise SourceError(
                f"{name} of {self.location} cannot be read ({type(error).__name__}: {error}); fetch it again."
            ) from error


class ArchiveSource(Source):
    """A source that the user has downloaded; ``download`` says what and in which form."""

    download: ClassVar[str]

    def __init__(self, location: str | None = None) -> None:
        if not location:
            raise ValueError(f"The source {self.name} has to be told where it lies: set PEL_DATA to {self.download}.")
        self.location = location
        self.archive = Archive(location)

    def fraction_of(self, *names: str) -> Callable[[], float]:
        """Tells which part of these files has been read, 0 to 1."""
        size = cache(partial(self.archive.size, names))
        return lambda: self.archive.fraction_read(max(size(), 1))


def _is_zip(path: str) -> bool:
    return path.lower().endswith(".zip")


def _named(members: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    return [member for member in members.infolist() if re.split(r"[/\\]", member.filename)[-1] == name]


def _as_text_file(file: IO[bytes]) -> io.TextIOWrapper:
    # bytes that are not UTF-8 become lone surrogates, so that they spoil their own record and not the file
    return io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _reject(name: str, reason: str, lines: list[str]) -> Reject:
    return Reject(f"{name}: {reason}", as_text({"file": name, "text": "".join(lines)}))
