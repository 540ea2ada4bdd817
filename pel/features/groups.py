"""What a film is told by: groups of columns of the matrix Z, and where they come from.

Raw columns are read off the rows of a cut; derived ones follow from them once what is missing has been borrowed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

KINDS = ("director", "cast", "collection", "company")
HISTORY = ("films", "box_office", "box_office_films", "rating")
RECORD = ("budget", "return", "total", "best", "days")
GAPS = ("budget", "box_office")


class Group(NamedTuple):
    """Columns that are chosen together."""

    numbers: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()  # of the names in these there is one column each, "genre Drama"


def _history(kind: str) -> tuple[str, ...]:
    return tuple(f"{kind}_{name}" for name in HISTORY)


def _record(kind: str) -> tuple[str, ...]:
    return (*(f"{kind}_{name}" for name in RECORD), *(f"{kind}_{name}_gap" for name in GAPS))


_DATE = ("year", "day_of_year", "day_of_year_sine", "day_of_year_cosine", "day_of_week", "release_week")
RIVALS = ("rivals_before", "rivals_near", "rivals_after")
_DELTAS = (
    *(f"delta_{name}" for kind in ("director", "cast") for name in _history(kind)),
    *("delta_budget", "delta_release_days"),
)

GROUPS: dict[str, Group] = {
    "budget": Group(("budget",)),
    "date": Group(_DATE),
    "genres": Group(lists=("genre",)),
    "director": Group(_history("director")),
    "director_record": Group(_record("director")),
    "cast": Group(_history("cast")),
    "cast_record": Group((*_record("cast"), "cast_members")),
    "collections": Group(_history("collection") + _record("collection")),
    "companies": Group((*_history("company"), *_record("company"), "companies")),
    "places": Group(("country_count", "language_count"), ("country", "language")),
    "title": Group(("title_length", "title_sequel", "title_colon")),
    "competition": Group(RIVALS),
    "deltas": Group(_DELTAS, ("delta_genre",)),
}
# The paper's five attributes and D_t.
PAPER = ("budget", "date", "genres", "director", "cast", "deltas")
BEST = tuple(name for name in GROUPS if name != "deltas")

# What follows from the budget, and says nothing of one that is unknown.
FROM_BUDGET = {"budget", "delta_budget", *(f"{kind}_{name}_gap" for kind in KINDS for name in GAPS)}

# What a film borrows as a whole, by what has to be known of it: raw columns by how their names begin.
BORROWED: dict[str, tuple[str, ...]] = {
    "day": ("day_of_year", "day_of_week", "release_week", "delta_genre ", *RIVALS, *_DELTAS),
    "budget": ("budget",),
    "cast": ("cast_",),
    "companies": ("company_", "companies"),
    "places": ("country", "language"),
}

_LISTS = {"genre": "genres", "country": "countries", "language": "languages"}
_SEQUEL = r" [2-9]\b|\bII+\b|\bIV\b|Part "
# A name with fewer films than this has no effect that could be told from chance.
MIN_FILMS = 20


def known(films: pd.DataFrame) -> dict[str, np.ndarray]:
    """Of what films borrow: whether they have it themselves, by its name in ``BORROWED``, (n,) bool each."""
    return {
        "day": films["delta_release_days"].notna().to_numpy(),
        "budget": films["budget"].notna().to_numpy(),
        "cast": (films["cast_members"] > 0).to_numpy(),
        "companies": films["company_films"].notna().to_numpy(),
        "places": (films["countries"].str.len().gt(0) & films["languages"].str.len().gt(0)).to_numpy(),
    }


def vocabulary(films: pd.DataFrame) -> dict[str, list[str]]:
    """The genres, countries and languages that enough films have, each in alphabetical order."""
    counts = {kind: Counter(name for names in films[column] for name in names) for kind, column in _LISTS.items()}
    return {kind: sorted(name for name, n in names.items() if n >= MIN_FILMS) for kind, names in counts.items()}


def columns(groups: Iterable[str], words: Mapping[str, list[str]]) -> list[str]:
    """The names of all columns of these groups."""
    chosen = [GROUPS[name] for name in groups]
    numbers = [name for group in chosen for name in group.numbers]
    return numbers + [
        f"{kind} {word}" for group in chosen for kind in group.lists for word in words[kind.removeprefix("delta_")]
    ]


def raw(films: pd.DataFrame, groups: Iterable[str], words: Mapping[str, list[str]]) -> pd.DataFrame:
    """Raw columns of the films, (n, …): numbers, NaN where unknown, and of these groups' lists a column a word."""
    chosen = [GROUPS[name] for name in groups]
    lists = {kind for group in chosen for kind in group.lists}
    # from some columns others follow; of the rest, a model reads those of its groups and none that came after it
    numbers = [f"{kind}_{name}" for kind in KINDS for name in (*HISTORY, *RECORD)] + ["budget", "release_year"]
    numbers += [name for group in chosen for name in group.numbers if name in films and name not in numbers]
    day = pd.to_datetime(films["release_date"]).dt
    frame = (
        films[numbers]
        .astype(float)
        .assign(
            day_of_year=day.dayofyear.astype(float),
            day_of_week=day.dayofweek.astype(float),
            country_count=films["countries"].str.len().astype(float),
            language_count=films["languages"].str.len().astype(float),
            title_length=films["title"].str.len().astype(float),
            title_sequel=films["title"].str.contains(_SEQUEL).astype(float),
            title_colon=films["title"].str.contains(":", regex=False).astype(float),
        )
    )
    parts = [frame.reset_index(drop=True)]
    parts += [_indicators(kind, films[column], words[kind]) for kind, column in _LISTS.items() if kind in lists]
    if "delta_genre" in lists:
        gained = _indicators("delta_genre", films["genres_added"], words["genre"])
        parts.append(gained - _indicators("delta_genre", films["genres_removed"], words["genre"]))
    return pd.concat(parts, axis=1)


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """The same with what follows from raw columns: the year with its fraction, the season, the gaps to the budget."""
    angle = frame["day_of_year"] * (2 * np.pi / 366)
    return frame.assign(
        # of the day that was borrowed: the last of the year would tell that only the year is known
        year=frame["release_year"] + frame["day_of_year"] / 366,
        day_of_year_sine=np.sin(angle),
        day_of_year_cosine=np.cos(angle),
        **{f"{kind}_{name}_gap": frame["budget"] - frame[f"{kind}_{name}"] for kind in KINDS for name in GAPS},
    )


def _indicators(kind: str, lists: pd.Series, words: list[str]) -> pd.DataFrame:
    place = {word: index for index, word in enumerate(words)}
    matrix = np.zeros((len(lists), len(words)))
    for row, names in enumerate(lists):
        matrix[row, [place[name] for name in names if name in place]] = 1.0
    return pd.DataFrame(matrix, columns=[f"{kind} {word}" for word in words])
