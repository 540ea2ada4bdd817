"""User ratings as MovieLens gives them: half stars from 0.5 to 5, of films that links.csv ties to TMDB and IMDb."""

from collections.abc import Iterator, Mapping

from pel.sources.archive import Archive
from pel.sources.records import Reject, UserRating, as_text

LINKS = "links.csv"
COLUMNS = ("userId", "movieId", "rating", "timestamp")
# By their text, which is faster than to read it and takes nothing else, such as "nan".
OUT_OF_TEN = {text: float(n) for n in range(1, 11) for text in (f"{n / 2}", f"{n / 2:g}")}
SECONDS_A_DAY = 86_400
END_OF_TIME = 253_402_300_800  # year 10000; so late is a time in milliseconds


def user_ratings(archive: Archive, file: str) -> Iterator[UserRating | Reject]:
    """The ratings of the file, out of ten; of what is held in memory, links.csv alone grows: one entry a film."""
    films: dict[str, str] = {}
    yield from _read_links(archive, films)
    for record in archive.tuples(file, COLUMNS):
        if isinstance(record, Reject):
            yield record
            continue
        _, movie, rating, timestamp = record
        try:
            yield UserRating(films[movie], _day(timestamp), OUT_OF_TEN[rating])
        except (KeyError, ValueError):
            row = dict(zip(COLUMNS, record, strict=True))
            yield Reject(f"{file}: {_fault(row, films)}", as_text(row))


def _read_links(archive: Archive, films: dict[str, str]) -> Iterator[Reject]:
    """Adds the external id of each film of MovieLens to ``films``."""
    for row in archive.rows(LINKS, ("movieId", "imdbId", "tmdbId")):
        if isinstance(row, Reject):
            yield row
            continue
        try:
            film = _external_id(row)
        except ValueError as error:
            yield Reject(f"{LINKS}: {error}", as_text(row))
            continue
        if films.setdefault(row["movieId"], film) != film:
            yield Reject(f"{LINKS}: movieId: {row['movieId'][:80]!r} is another film above", as_text(row))


def _external_id(row: Mapping[str, str]) -> str:
    """TMDB's number or, where it is missing, IMDb's; pandas makes 862.0 of 862 and 114709 of 0114709."""
    tmdb, imdb = row["tmdbId"].removesuffix(".0"), row["imdbId"]
    for column, number, longest in (("tmdbId", tmdb, 10), ("imdbId", imdb, 10)):
        if number and (not _is_whole(number) or len(number) > longest or not int(number)):
            raise ValueError(f"{column}: {row[column][:80]!r} is not the number of a film")
    if tmdb:
        return f"tmdb:{int(tmdb)}"
    if imdb:
        return f"imdb:tt{imdb.zfill(7)}"
    raise ValueError("neither tmdbId nor imdbId")


def _day(timestamp: str) -> int:
    """Days since 1970-01-01 (UTC), from seconds."""
    if not _is_whole(timestamp) or (seconds := int(timestamp)) >= END_OF_TIME:
        raise ValueError(timestamp)
    return seconds // SECONDS_A_DAY


def _is_whole(text: str) -> bool:
    return text.isdigit() and text.isascii()


def _fault(row: Mapping[str, str], films: Mapping[str, str]) -> str:
    if row["movieId"] not in films:
        return f"movieId: {LINKS} has no film {row['movieId'][:80]!r}"
    if row["rating"] not in OUT_OF_TEN:
        return f"rating: {row['rating'][:80]!r} is not one of 0.5, 1.0 to 5.0"
    return f"timestamp: {row['timestamp'][:80]!r} is not in seconds from 1970 to 9999"
