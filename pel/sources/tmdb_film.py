"""A film in the shape in which TMDB's API gives it, as a record.

The Kaggle archives are copies of that API's answers and share its shape: ``/movie/{id}`` with
``append_to_response=credits,keywords,release_dates``. Its quirks: 0 means unknown, an empty text too, and a date known
to the year only reads January 1st (in the archive on 3,000 films of 44,510, one in fifteen).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pel.sources.records import Film, Reject, as_text, film_or_reject, unique

CERTIFYING_COUNTRY = "US"


def film_or_reject_of(movie: Mapping[str, Any], raw: Mapping[str, Any], *, observed_on: date | None) -> Film | Reject:
    """The film that the answer describes.

    Args:
        movie: The answer; ``credits``, ``keywords`` and ``release_dates`` may be missing.
        raw: What to keep of it if it breaks a rule.
        observed_on: Day on which rating and revenue were what it says; None if that is not known.
    """
    try:
        fields = _fields(movie, observed_on)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return Reject(reason=f"{type(error).__name__}: {error}".replace("\0", "\\0"), raw=as_text(raw))
    return film_or_reject(fields, raw=raw)


def _fields(movie: Mapping[str, Any], observed_on: date | None) -> dict[str, Any]:
    released, precision = release(movie.get("release_date"))
    credits_ = movie.get("credits") or {}
    collection = movie.get("belongs_to_collection")
    return {
        "key": str(movie["id"]),
        "ids": [f"tmdb:{movie['id']}", *([f"imdb:{movie['imdb_id']}"] if movie.get("imdb_id") else [])],
        "title": movie["title"],
        "release_date": released,
        "release_precision": precision,
        "runtime_minutes": movie.get("runtime") or None,
        "budget": movie.get("budget") or None,
        "directors": _people(member for member in credits_.get("crew") or () if member["job"] == "Director"),
        "cast": [
            person | {"billing": place}
            for place, person in enumerate(_people(sorted(credits_.get("cast") or (), key=lambda p: p["order"])), 1)
        ],
        "genres": _names(movie.get("genres"), "name"),
        "companies": _names(movie.get("production_companies"), "name"),
        "collections": [collection["name"]] if collection else [],
        "countries": _names(movie.get("production_countries"), "iso_3166_1"),
        "languages": _names(movie.get("spoken_languages"), "iso_639_1"),
        "keywords": _names((movie.get("keywords") or {}).get("keywords"), "name"),
        "certification": _certification(movie.get("release_dates") or {}),
        "rating": _rating(movie, observed_on),
        "box_office": {"dollars": movie["revenue"], "observed_on": observed_on} if movie.get("revenue") else None,
    }


def release(text: Any) -> tuple[date | None, str | None]:
    """The last possible day of release and what is known of it; raises ValueError if the text is not a date."""
    if not text:
        return None, None
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError):
        raise ValueError(f"release_date: {text!r} is not a date") from None
    if (day.month, day.day) == (1, 1):
        return date(day.year, 12, 31), "year"
    return day, "day"


def _people(members: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """People once each: someone may play two parts."""
    people = {member["id"]: member["name"] for member in members}
    return [{"name": name, "key": f"tmdb:{key}"} for key, name in people.items()]


def _names(entries: Iterable[Mapping[str, Any]] | None, field: str) -> list[str]:
    return unique(entry[field] for entry in entries or () if entry[field])


def _certification(release_dates: Mapping[str, Any]) -> str | None:
    """The first certificate of the country whose certificates the field knows best."""
    for country in release_dates.get("results") or ():
        if country["iso_3166_1"] == CERTIFYING_COUNTRY:
            return next((r["certification"] for r in country["release_dates"] if r.get("certification")), None)
    return None


def _rating(movie: Mapping[str, Any], observed_on: date | None) -> dict[str, Any] | None:
    """The mean of the votes; without votes there is none, whatever the mean says."""
    if not movie.get("vote_count"):
        return None
    return {"value": round(movie["vote_average"], 2), "votes": movie["vote_count"], "observed_on": observed_on}
