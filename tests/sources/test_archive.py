import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from pel.sources.archive import MAX_FIELD, MAX_RECORD, Archive
from pel.sources.records import Reject, SourceError
from tests.sources.fuzzed import encrypted, zipped

TABLE = b"id,title\n348,Alien\n679,Aliens\n"
ROWS = [{"id": "348", "title": "Alien"}, {"id": "679", "title": "Aliens"}]


@pytest.fixture
def archive_of(tmp_path: Path) -> Callable[..., Archive]:
    """Writes an archive: a zip from bytes, a folder with films.csv otherwise."""

    def write(*, table: bytes | None = None, content: bytes | None = None) -> Archive:
        if content is None:
            (tmp_path / "films.csv").write_bytes(table or b"")
            return Archive(str(tmp_path))
        (tmp_path / "archive.zip").write_bytes(content)
        return Archive(str(tmp_path / "archive.zip"))

    return write


def rows(archive: Archive) -> list[dict[str, str] | Reject]:
    return list(archive.rows("films.csv", ["id", "title"]))


def test_a_folder_is_read(archive_of) -> None:
    assert rows(archive_of(table=TABLE)) == ROWS


@pytest.mark.parametrize(
    "folder", ["", "ml-latest/", "a/b/", "../../", "/etc/", "..\\..\\", "C:\\", "./"], ids=lambda folder: f"in {folder}"
)
def test_a_zip_is_read_wherever_the_file_is_in_it_and_nothing_is_unpacked(archive_of, tmp_path, folder: str) -> None:
    assert rows(archive_of(content=zipped({"films.csv": TABLE}, folder))) == ROWS
    assert [path.name for path in tmp_path.rglob("*")] == ["archive.zip"]


@pytest.mark.parametrize("name", ["archive.zip", "films"])
def test_what_fsspec_reaches_is_read(name: str) -> None:
    files = fsspec.filesystem("memory")
    files.pipe("/there/archive.zip", zipped({"films.csv": TABLE}))
    files.pipe("/there/films/films.csv", TABLE)
    archive = Archive(f"memory://there/{name}")
    assert rows(archive) == ROWS
    assert "films.csv" in archive
    assert "credits.csv" not in archive


@pytest.mark.parametrize(
    "table",
    [
        b"\xef\xbb\xbf" + TABLE,
        TABLE.replace(b"\n", b"\r\n"),
        TABLE.replace(b"\n", b"\r"),
        TABLE.replace(b"\n", b"\n\n"),
        TABLE.rstrip(),
        b'"id","title"\n"348","Alien"\n"679","Aliens"\n',
    ],
    ids=["byte order mark", "CRLF", "CR", "blank lines", "no end of line", "quoted"],
)
def test_tables_come_in_many_forms(archive_of, table: bytes) -> None:
    assert rows(archive_of(table=table)) == ROWS


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"1", "1 fields where the header has 2"),
        (b"1,2,3", "3 fields where the header has 2"),
        (b"1,caf\xe9", "not text in UTF-8"),
        (b"1,\xed\xa0\x80", "not text in UTF-8"),
        (b"1,a\0b", "without NUL"),
        (b'1,"a"b', "not a record of CSV"),
        (b"1," + b"a" * (MAX_FIELD + 1), "field larger than field limit"),
    ],
)
def test_a_bad_record_is_rejected_with_its_text_and_those_around_it_are_read(archive_of, record, reason) -> None:
    first, bad, second = rows(archive_of(table=b"id,title\n348,Alien\n" + record + b"\n679,Aliens\n"))
    assert [first, second] == ROWS
    assert isinstance(bad, Reject)
    assert reason in bad.reason
    assert bad.raw.isascii()
    assert "\0" not in bad.raw
    text = json.loads(bad.raw)["text"].encode("utf-8", "surrogateescape")
    assert text == record + b"\n"


def test_a_quote_that_is_never_closed_costs_the_records_to_the_next_one_at_most(archive_of) -> None:
    bad, *good = rows(archive_of(table=b'id,title\n1,"Alien\n2,"Aliens"\n348,Alien\n679,Aliens\n'))
    assert isinstance(bad, Reject)
    assert json.loads(bad.raw)["text"] == '1,"Alien\n2,"Aliens"\n'
    assert good == ROWS


def test_a_quote_open_at_the_end_is_a_reject(archive_of) -> None:
    *good, bad = rows(archive_of(table=TABLE + b'1,"Alien'))
    assert good == ROWS
    assert isinstance(bad, Reject)
    assert json.loads(bad.raw)["text"] == '1,"Alien'


@pytest.mark.parametrize(
    "endless", [b"a" * (MAX_RECORD + 1), b'"\n",' * (MAX_RECORD // 4 + 1)], ids=["one line", "many lines"]
)
def test_a_record_without_end_costs_the_file(archive_of, endless: bytes) -> None:
    with pytest.raises(SourceError, match=r"films\.csv of .* more than 4,194,304 characters"):
        rows(archive_of(table=TABLE + endless))


@pytest.mark.parametrize(
    "table", [b"", b"id\n1\n", b"id,title,id\n", TABLE.decode().encode("utf-16"), b"\0" * 50, b'"id,title\n'],
    ids=["empty", "no title", "id twice", "UTF-16", "NULs", "open quote"],
)  # fmt: skip
def test_a_file_that_is_not_the_table_is_named(archive_of, table: bytes) -> None:
    with pytest.raises(SourceError, match=r"films\.csv of "):
        rows(archive_of(table=table))


def damaged(content: bytes) -> bytes:
    at = content.index(b"films.csv") + len("films.csv") + 8
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def stored(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as members:
        members.writestr("films.csv", content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "BadZipFile"),
        (b"no zip", "BadZipFile"),
        (zipped({"films.csv": TABLE})[:-30], "BadZipFile"),
        (stored(TABLE).replace(b"Alien\n", b"Elien\n"), "Bad CRC-32"),
        (damaged(zipped({"films.csv": TABLE})), "cannot be read"),
        (encrypted(zipped({"films.csv": TABLE})), "encrypted; unpack it"),
        (zipped({"films.csv": TABLE + b"\n" * 10**6}), "1,000,030 bytes, more than 200 times"),
        (zipped({"a/films.csv": TABLE, "b/films.csv": TABLE}), r"more than once \('a/films.csv', 'b/films.csv'\)"),
        (zipped({"credits.csv": TABLE}), r"no films\.csv in .*archive\.zip; set PEL_DATA"),
    ],
    ids=["empty", "text", "cut", "bad CRC", "damaged", "encrypted", "bomb", "twice", "missing"],
)
def test_a_zip_that_is_not_fit_to_be_read_is_named_with_the_reason(archive_of, content: bytes, named: str) -> None:
    with pytest.raises(SourceError, match=named) as error:
        rows(archive_of(content=content))
    assert "archive.zip" in str(error.value)


@pytest.mark.parametrize("location", ["/nowhere", "/nowhere.zip", "nosuch://nowhere", "memory://nowhere/archive.zip"])
def test_a_place_that_is_not_there_is_named(location: str) -> None:
    with pytest.raises(SourceError, match=location):
        rows(Archive(location))


def test_tuples_are_the_columns_asked_for_in_that_order(archive_of) -> None:
    archive = archive_of(table=TABLE + b"1\n")
    *good, bad = archive.tuples("films.csv", ("title", "id"))
    assert good == [("Alien", "348"), ("Aliens", "679")]
    assert isinstance(bad, Reject)


def peak(archive: Archive) -> int:
    """Peak memory in bytes of reading the file and keeping nothing."""
    tracemalloc.start()
    for _ in archive.tuples("films.csv", ("id", "title")):
        pass
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return highest


def test_memory_does_not_grow_with_the_file(archive_of) -> None:
    tables = [b"id,title\n" + b"".join(b"%d,Alien %d\n" % (n, n**3) for n in range(size)) for size in (20_000, 200_000)]
    small, large = [peak(archive_of(content=zipped({"films.csv": table}))) for table in tables]
    assert large < small + 200_000
    assert large < len(tables[1]) / 4
