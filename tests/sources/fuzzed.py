"""Small archives in the layout of The Movies Dataset, sound and damaged in every way that we could think of."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

Files = dict[str, bytes]

METADATA = [
    "adult", "belongs_to_collection", "budget", "genres", "homepage", "id", "imdb_id", "original_language",
    "original_title", "overview", "popularity", "poster_path", "production_companies", "production_countries",
    "release_date", "revenue", "runtime", "spoken_languages", "status", "tagline", "title", "video", "vote_average",
    "vote_count",
]  # fmt: skip
ALIEN = {
    "adult": "False",
    "belongs_to_collection": "{'id': 8091, 'name': 'Alien Collection', 'poster_path': None, 'backdrop_path': None}",
    "budget": "11000000",
    "genres": "[{'id': 27, 'name': 'Horror'}, {'id': 878, 'name': 'Science Fiction'}]",
    "id": "348",
    "imdb_id": "tt0078748",
    "original_language": "en",
    "original_title": "Alien",
    "overview": 'In space,\nno one can hear you "scream".',
    "popularity": "23.37742",
    "production_companies": "[{'name': 'Brandywine Productions', 'id': 19747}]",
    "production_countries": "[{'iso_3166_1': 'GB', 'name': 'United Kingdom'}]",
    "release_date": "1979-05-25",
    "revenue": "104931801.0",
    "runtime": "117.0",
    "spoken_languages": "[{'iso_639_1': 'en', 'name': 'English'}]",
    "status": "Released",
    "title": "Alien",
    "video": "False",
    "vote_average": "7.9",
    "vote_count": "4564.0",
}
CAST = (
    "[{'cast_id': 5, 'id': 10205, 'name': 'Sigourney Weaver', 'order': 0}, "
    "{'id': 5049, 'name': \"John O'Hurt\", 'order': 1}]"
)
CREW = "[{'department': 'Directing', 'id': 578, 'job': 'Director', 'name': 'Ridley Scott'}]"
KEYWORDS = "[{'id': 803, 'name': 'android'}, {'id': 1612, 'name': 'spacecraft'}]"

NAMES = [
    "👽🚀 Alien", "👨‍👩‍👧‍👦", "غريب", "‮neilA‬", "Ågren, Ö. “Ørnås”", "Z̸̨̧̛̗a̴l̷g̶o̸", "\u200b", "\ufeffAlien", "\u2028",
    "O'Brien", '"Weird Al"', "''''", '"""', "'; drop table films; --", "\\", "\\.", "\\N", "\\x00", "\\u0000",
    "\\ud800", "a\tb", "a\nb", "a\r\nb", "\n\\.\n", "NULL", "None", "nan", "%s", "%(name)s", "{0}", "$1", "=1+1",
    "../../x",    "A" * 1000, "A" * 1001, "ß" * 5000, " ", "\x1b[31m", "\x7f",
]  # fmt: skip
NUMBERS = [
    "0", "-0", "-1", "1e400", "-1e400", "1e99", "1e-99", "nan", "inf", "-inf", "Infinity", "٣", "\uff11", "1_000",
    "0x10", "1,000", "1.5", "1e-06", "9" * 19, "9" * 400, "9" * 5000, "2147483648", "9999999999999.99", "1.005", " 7 ",
    "+7", "²",
]  # fmt: skip
LITERALS = [
    "[", "]", "[]]", "{}", "[{}]", "()", "[[]]", "[None]", "[1]", "'a'", "{'id'}", "b'a'", "[" * 300 + "]" * 300,
    "[" * 100_000, "{'a':" * 5000, "-" * 100_000 + "1", "1" + "+1" * 50_000, "not " * 50_000 + "1",
    "(" * 150 + ")" * 150,
    "__import__('os').system('true')", "[x for x in ()]", "f'{1}'", "[{'name': 1}]", "[{'name': None, 'id': None}]",
    "[{'name': 'a', 'id': []}]", "[{'name': '\\x00', 'id': 1}]", "[{'name': '\\ud800', 'id': 1}]", "[{'name': 'a'}]",
    "[{'order': 'x', 'name': 'a', 'id': 1}, {'order': 1, 'name': 'b', 'id': 2}]", "[{'job': {}, 'id': 1, 'name': 'a'}]",
    "[{'id': 1, 'name': 'a', 'order': " + "9" * 5000 + "}]", "[{\"name\": null}]",
    "[{'iso_3166_1': [], 'iso_639_1': {}}]",
]  # fmt: skip
ENCODINGS = ["utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "utf-8-sig", "shift_jis", "utf-7"]
SHARDS = [
    b"\0",
    b"\xff",
    b"\xfe\xff",
    b"\xed\xa0\x80",
    b'"',
    b'""',
    b"'",
    b",",
    b"\n",
    b"\r",
    b"\r\n",
    b"\\",
    b"[" * 99,
]
FOLDERS = [
    "",
    "ml-latest/",
    "../../",
    "/",
    "/etc/",
    "..\\..\\",
    "C:\\",
    "a/../../../",
    "\u202e/",
    "__MACOSX/._",
    "a" * 300 + "/",
]

names = st.one_of(st.sampled_from(NAMES), st.text(max_size=30))
cells = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(LITERALS),
    names,
    names.map(lambda name: repr([{"id": 7, "name": name, "order": 1, "job": "Director", "iso_3166_1": name}])),
    names.map(lambda name: repr({"id": 7, "name": name})),
)


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([columns, *rows])
    return text.getvalue().encode("utf-8", "surrogatepass")


def archive(films: Iterable[Mapping[str, str]] = (ALIEN,), **files: bytes | None) -> Files:
    """An archive of these films, each with credits and keywords, but for ``files``; None leaves one out."""
    films = [ALIEN | film for film in films]
    ids = dict.fromkeys(film["id"] for film in films)
    complete: dict[str, bytes | None] = {
        "movies_metadata": table(METADATA, ([film.get(column, "") for column in METADATA] for film in films)),
        "credits": table(["cast", "crew", "id"], ([CAST, CREW, id_] for id_ in ids)),
        "keywords": table(["id", "keywords"], ([id_, KEYWORDS] for id_ in ids)),
        "links": b"movieId,imdbId,tmdbId\n1214,0078748,348.0\n9,0114709,\n",
        "ratings_small": b"userId,movieId,rating,timestamp\n1,1214,4.5,1260759144\n1,9,0.5,0\n",
    }
    return {f"{name}.csv": content for name, content in (complete | files).items() if content is not None}


def zipped(files: Mapping[str, bytes], folder: str = "") -> bytes:
    """The files as a zip, in a folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as members:
        for name, content in files.items():
            members.writestr(folder + name, content)
    return buffer.getvalue()


def encrypted(content: bytes) -> bytes:
    """The zip with every file marked as encrypted."""
    patched = bytearray(content)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            patched[at + flags] |= 1
            at = content.find(signature, at + 1)
    return bytes(patched)


def write(place: Path, content: bytes | Mapping[str, bytes]) -> str:
    """Writes a zip or a folder of files; returns where."""
    if isinstance(content, bytes):
        place = place / "archive.zip"
        place.write_bytes(content)
        return str(place)
    for name, data in content.items():
        (place / name).write_bytes(data)
    return str(place)


@st.composite
def odd_films(draw: st.DrawFn) -> list[dict[str, str]]:
    """Films of which a few columns hold what nobody would expect there."""
    films = draw(st.lists(st.dictionaries(st.sampled_from(METADATA), cells, max_size=3), max_size=4))
    return [{"id": str(number), "title": draw(names)} | film for number, film in enumerate(films, 1)]


@st.composite
def damaged_tables(draw: st.DrawFn) -> Files:
    """An archive with up to three of its files damaged as bytes or lost."""
    files = archive()
    for name in draw(st.lists(st.sampled_from(sorted(files)), min_size=1, max_size=3, unique=True)):
        damaged = _damaged(draw, files.pop(name))
        if damaged is not None:
            files[name] = damaged
    return files


def _damaged(draw: st.DrawFn, content: bytes) -> bytes | None:
    at = draw(st.integers(0, len(content)))
    shard = draw(st.one_of(st.sampled_from(SHARDS), st.binary(max_size=5)))
    encoding = draw(st.sampled_from(ENCODINGS))
    ways = {
        "cut": content[:at],
        "torn": content[at:],
        "struck": content[:at] + shard + content[at + len(shard) :],
        "stuffed": content[:at] + shard + content[at:],
        "doubled": content + content[at:],
        "recoded": content.decode().encode(encoding),
        "recoded after its header": content.partition(b"\n")[0] + b"\n" + content.decode().encode(encoding),
        "lost": None,
    }
    return ways[draw(st.sampled_from(sorted(ways)))]


@st.composite
def odd_zips(draw: st.DrawFn) -> bytes:
    """A zip with odd folders, bombs or locks, or damaged as bytes."""
    files = archive()
    if draw(st.booleans()):
        files[draw(st.sampled_from(sorted(files)))] = (
            draw(st.sampled_from([b"\0", b" ", b"\n", b'"', b"id,"])) * 300_000
        )
    content = zipped(files, draw(st.sampled_from(FOLDERS)))
    if draw(st.integers(0, 9)) == 0:
        content = encrypted(content)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.one_of(st.integers(0, len(content)), st.integers(max(0, len(content) - 400), len(content))))
        shard = draw(st.binary(min_size=1, max_size=4))
        content = content[:at] + shard + content[at + len(shard) :]
    return content[: draw(st.integers(0, len(content)))] if draw(st.integers(0, 4)) == 0 else content


def odd_ratings() -> st.SearchStrategy[list[list[Any]]]:
    """Records of ratings.csv of which any column may be anything."""
    column = st.one_of(cells, st.integers(-(2**70), 2**70).map(str), st.floats().map(str))
    sound = st.sampled_from([["1", "1214", "4.5", "1260759144"], ["1", "9", "0.5", "0"]])
    return st.lists(st.one_of(sound, st.lists(column, min_size=4, max_size=4)), max_size=6)
