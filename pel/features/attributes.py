"""What a film is told by, in words: attributes as in the paper, their details, and the raw columns of each.

Every raw column belongs to one detail of one attribute. What follows from several (the gap between a budget and a track
record) belongs to none: it follows from whatever these are.
"""

from collections.abc import Iterable

from pel.features.groups import RIVALS

# Of a director, a cast, a series or companies: what is known of their earlier films.
_EARLIER = {
    "films": "experience",
    "days": "experience",
    "box_office": "box_office",
    "box_office_films": "box_office",
    "return": "box_office",
    "total": "box_office",
    "best": "box_office",
    "budget": "budgets",
    "rating": "ratings",
}
_KINDS = {
    "director": "director",
    "cast": "cast",
    "collection": "series_and_title",
    "company": "companies_and_places",
}
_COLUMNS: dict[str, tuple[str, str]] = {
    **{
        f"{kind}_{name}": (attribute, detail) for kind, attribute in _KINDS.items() for name, detail in _EARLIER.items()
    },
    "cast_members": ("cast", "size"),
    "budget": ("budget", "budget"),
    "release_year": ("release_date", "year"),
    "release_week": ("release_date", "season"),
    "day_of_year": ("release_date", "season"),
    "day_of_week": ("release_date", "weekday"),
    **dict.fromkeys(RIVALS, ("release_date", "competition")),
    **{f"title_{name}": ("series_and_title", "title") for name in ("length", "sequel", "colon")},
    "companies": ("companies_and_places", "companies"),
    "country_count": ("companies_and_places", "countries"),
    "language_count": ("companies_and_places", "languages"),
}
_WORDS = {"country": ("companies_and_places", "countries"), "language": ("companies_and_places", "languages")}

# The paper's five, and what else is known of a film.
ATTRIBUTES = ("director", "cast", "budget", "genres", "release_date", "series_and_title", "companies_and_places")


def details(columns: Iterable[str]) -> list[tuple[str, str]]:
    """Attribute and detail of each raw column; a genre is a detail of its own. Raises ValueError for another column."""
    return [_detail(column) for column in columns]


def _detail(column: str) -> tuple[str, str]:
    kind, _, word = column.partition(" ")
    if kind == "genre":
        return "genres", word
    found = _WORDS.get(kind) if word else _COLUMNS.get(column)
    if found is None:
        raise ValueError(f"The column {column!r} belongs to no attribute; say to which in {__name__}.")
    return found
