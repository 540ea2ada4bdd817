"""X_t and D_t once more, slowly and film by film, from nothing but what each film may know."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from tests.conftest import Warehouse

FIRST_DAY: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
KINDS = ["director", "cast", "collection", "company"]
PARTICIPATIONS = """
    select role, person_id, film_id from pel.credits
    union all
    select 'collection', collection_id, film_id from pel.film_collections
    union all
    select 'company', company_id, film_id from pel.film_companies
"""
NOT_TRUSTED = 1000  # the rank of a source that pel.trust does not name


class Figure(NamedTuple):
    source: str
    known_on: date
    value: Decimal
    observed_on: date | None


@dataclass
class FilmFacts:
    film_id: int
    release_date: date | None
    precision: str | None
    genres: list[str] = field(default_factory=list)
    participants: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    budgets: dict[str, Decimal] = field(default_factory=dict)
    box_office: list[Figure] = field(default_factory=list)
    ratings: list[Figure] = field(default_factory=list)

    @property
    def place(self) -> tuple[date, int]:
        """Its place among films in their order; one without a date comes last and is never asked for."""
        return self.release_date or date.max, self.film_id

    @property
    def first_day(self) -> date:
        """The first day on which it may have come out."""
        assert self.release_date is not None
        assert self.precision is not None
        return FIRST_DAY[self.precision](self.release_date)


class Suspicious(NamedTuple):
    film_id: int
    source: str
    field: str
    value: Decimal
    rule: str


class Facts:
    """Everything that the warehouse has been told, and its words in force."""

    def __init__(self, warehouse: Warehouse) -> None:
        read = warehouse.rows
        self.films = {
            film_id: FilmFacts(film_id, *rest)
            for film_id, *rest in read("select film_id, release_date, release_precision from pel.films")
        }
        self.filmography: dict[tuple[str, int], list[FilmFacts]] = defaultdict(list)
        for kind, participant_id, film_id in read(PARTICIPATIONS):
            self.films[film_id].participants[kind].append(participant_id)
            self.filmography[kind, participant_id].append(self.films[film_id])
        for film_id, genre in read("select film_id, name from pel.film_genres join pel.genres using (genre_id)"):
            self.films[film_id].genres.append(genre)
        for film_id, source, dollars in read("select film_id, source, dollars from pel.budgets"):
            self.films[film_id].budgets[source] = dollars
        for film_id, *rest in read("select film_id, source, known_on, dollars, observed_on from pel.box_office"):
            self.films[film_id].box_office.append(Figure(*rest))
        for film_id, *rest in read("select film_id, source, known_on, rating, observed_on from pel.ratings"):
            self.films[film_id].ratings.append(Figure(*rest))
        self._trust = {
            (field, source): rank for field, source, rank in read("select field, source, rank from pel.trust")
        }
        corrected = (
            "select film_id, record from pel.film_records where source = 'corrections' and valid_until = 'infinity'"
        )
        self._corrected = {(film_id, said) for film_id, record in read(corrected) for said in record}
        self._suspicious: dict[date, set[Suspicious]] = {}
        self._values_caught: dict[date, set[tuple]] = {}

    def attributes(self, film_id: int, as_of: date) -> dict[str, object]:
        """The film's row of film_attributes as of that date."""
        film = self.films[film_id]
        assert film.release_date is not None
        known_at = min(film.first_day, as_of)
        histories: dict[str, object] = {}
        for kind in KINDS:
            histories |= self._history(kind, film, known_at, as_of)
        return {
            "known_at": known_at,
            **histories,
            "budget": self._budget(film, as_of),
            "genres": sorted(film.genres),
            "release_year": film.release_date.year,
            "release_week": film.release_date.isocalendar().week if film.precision == "day" else None,
        }

    def _budget(self, film: FilmFacts, as_of: date) -> float | None:
        plausible = [
            source for source in film.budgets if not self._caught(film, source, "budget", film.budgets[source], as_of)
        ]
        if not plausible:
            return None
        return math.log10(film.budgets[min(plausible, key=lambda source: (self._rank("budget", source), source))])

    def _history(self, kind: str, film: FilmFacts, known_at: date, as_of: date) -> dict[str, object]:
        filmographies = [
            [
                other
                for other in self.filmography[kind, participant]
                if other.release_date and other.release_date < known_at
            ]
            for participant in film.participants[kind]
        ]
        seen = [other for filmography in filmographies for other in filmography]
        nobody = kind == "company" and not filmographies
        made = [dollars for other in seen if (dollars := self._made(other, known_at, as_of)) is not None]
        logs = [log10(dollars) for dollars in made]
        rated = [rating for other in seen if (rating := self._rating(other, known_at)) is not None]
        budgets = [budget for other in seen if (budget := self._budget(other, as_of)) is not None]
        returns = [
            log10(dollars) - round(budget, 6)
            for other in seen
            if (dollars := self._made(other, known_at, as_of)) is not None
            and (budget := self._budget(other, as_of)) is not None
        ]
        return {
            f"{kind}_films": None if nobody else len(seen) / max(len(filmographies), 1),
            f"{kind}_box_office": mean(logs),
            f"{kind}_box_office_films": None if nobody else len(made) / max(len(filmographies), 1),
            f"{kind}_rating": mean(rated),
            f"{kind}_budget": mean([round(budget, 6) for budget in budgets]),
            f"{kind}_return": mean(returns),
            f"{kind}_total": math.log10(sum(round(dollars) for dollars in made)) if made else None,
            f"{kind}_best": self._best(filmographies, known_at, as_of),
            f"{kind}_days": min(
                ((known_at - other.release_date).days for other in seen if other.release_date), default=None
            ),
        }

    def _best(self, filmographies: list[list[FilmFacts]], known_at: date, as_of: date) -> float | None:
        """The best mean of one participant, two films of 10^6.8 dollars counted among theirs."""
        if not any(filmographies):
            return None
        means = []
        for filmography in filmographies:
            made = [self._made(other, known_at, as_of) for other in filmography]
            logs = [log10(dollars) for dollars in made if dollars is not None]
            means.append(math.fsum([6.8, 6.8, *logs]) / (2 + len(logs)))
        return max(means)

    def _made(self, film: FilmFacts, known_at: date, as_of: date) -> Decimal | None:
        """Dollars, as known on that day."""
        figures = [
            figure
            for figure in film.box_office
            if not self._caught(film, figure.source, "box_office", figure.value, as_of)
        ]
        return self._newest("box_office", figures, known_at)

    def _rating(self, film: FilmFacts, known_at: date) -> float | None:
        newest = self._newest("rating", film.ratings, known_at)
        return None if newest is None else round(float(newest), 2)

    def _newest(self, name: str, figures: list[Figure], known_at: date) -> Decimal | None:
        """The figure in force that day: the newest, of one day the most trusted; undated only before a dated."""
        dated = [figure.known_on for figure in figures if figure.observed_on]
        known = [
            figure
            for figure in figures
            if figure.known_on <= known_at
            and (figure.observed_on or not any(known_on <= figure.known_on for known_on in dated))
        ]
        for one in sorted(known, key=lambda figure: figure.observed_on or date.min, reverse=True):
            if all(self._before(name, one, other) for other in known):
                return one.value
        return None

    def _before(self, name: str, one: Figure, other: Figure) -> bool:
        """Whether one is believed rather than the other, or as much."""
        if one.known_on != other.known_on:
            return one.known_on > other.known_on
        return (self._rank(name, one.source), one.source) <= (self._rank(name, other.source), other.source)

    def _rank(self, name: str, source: str) -> int:
        return self._trust.get((name, source), self._trust.get(("*", source), NOT_TRUSTED))

    def _caught(self, film: FilmFacts, source: str, name: str, value: Decimal, as_of: date) -> bool:
        if as_of not in self._values_caught:
            self._values_caught[as_of] = {caught[:4] for caught in self.suspicious(as_of)}
        return (film.film_id, source, name, value) in self._values_caught[as_of]

    def suspicious(self, as_of: date) -> set[Suspicious]:
        """What the rules of plausibility catch, judged by what is known on that day."""
        if as_of not in self._suspicious:
            self._suspicious[as_of] = set(self._judge(as_of))
        return self._suspicious[as_of]

    def _judge(self, as_of: date) -> list[Suspicious]:
        figures = [
            (film, figure)
            for film in self.films.values()
            for figure in film.box_office
            if figure.known_on <= as_of and figure.source != "corrections"
        ]
        caught = self._judge_budgets() + self._judge_corrected()

        def catch(film: FilmFacts, figure: Figure, rule: str) -> None:
            caught.append(Suspicious(film.film_id, figure.source, "box_office", figure.value, rule))

        by_formula = self._common_shares(figures)
        made_first: dict[Decimal, tuple[date, int]] = {}
        for film, figure in figures:
            made_first[figure.value] = min(made_first.get(figure.value, film.place), film.place)
        for film, figure in figures:
            if figure.value < 1000:
                catch(film, figure, "box_office_under_1000_dollars")
            if share_of_budget(film, figure) in by_formula:
                catch(film, figure, "box_office_is_a_share_of_the_budget")
            if figure.value % 10_000 and film.release_date and made_first[figure.value] < film.place:
                catch(film, figure, "box_office_is_of_another_film")
            if figure.observed_on and film.release_date and figure.observed_on < film.first_day:
                catch(film, figure, "box_office_before_release")
        return caught

    def _judge_budgets(self) -> list[Suspicious]:
        return [
            Suspicious(film.film_id, source, "budget", dollars, "budget_under_1000_dollars")
            for film in self.films.values()
            for source, dollars in film.budgets.items()
            if dollars < 1000 and source != "corrections"
        ]

    def _judge_corrected(self) -> list[Suspicious]:
        told = [
            (film, source, name, value)
            for film in self.films.values()
            for source, name, value in [
                *((source, "budget", dollars) for source, dollars in film.budgets.items()),
                *((figure.source, "box_office", figure.value) for figure in film.box_office),
            ]
        ]
        return [
            Suspicious(film.film_id, source, name, value, f"{name}_corrected")
            for film, source, name, value in told
            if source != "corrections" and (film.film_id, name) in self._corrected
        ]

    @staticmethod
    def _common_shares(figures: list[tuple[FilmFacts, Figure]]) -> set[Any]:
        """The shares of the budget that so many films made that they were not observed."""
        films = {(film.film_id, share) for film, figure in figures if (share := share_of_budget(film, figure))}
        with_share = len({film_id for film_id, _ in films})
        counts = Counter(share for _, share in films)
        return {share for share, n in counts.items() if n >= 20 and n >= 0.01 * with_share}

    def rivals(self, film_id: int, as_of: date) -> list[float]:
        """Budgets of the films released in the 14 days before, around, and in the 14 after, in tens of millions."""
        film = self.films[film_id]
        if film.release_date is None or film.precision != "day":
            return [math.nan] * 3
        budgets = [
            ((other.release_date - film.release_date).days, 10**budget / 1e7)
            for other in self.films.values()
            if other is not film and other.release_date and other.precision == "day"
            if (budget := self._budget(other, as_of)) is not None
        ]
        return [
            math.fsum(budget for days, budget in budgets if first <= days <= last)
            for first, last in ((-14, 0), (-3, 4), (0, 14))
        ]

    def in_order(self) -> list[int]:
        """The films dated to the day, in the order (release_date, film_id)."""
        dated = [(film.release_date, film_id) for film_id, film in self.films.items() if film.precision == "day"]
        return [film_id for _, film_id in sorted(dated)]

    def predecessors(self) -> dict[int, int | None]:
        """For every film with a place in the order the one before it."""
        return {film_id: previous for previous, film_id in pairwise([None, *self.in_order()]) if film_id is not None}


def log10(dollars: Decimal) -> float:
    """To the sixth decimal."""
    return round(math.log10(dollars), 6)


def mean(values: list[float]) -> float | None:
    """None of none."""
    return math.fsum(values) / len(values) if values else None


def share_of_budget(film: FilmFacts, figure: Figure) -> Decimal | None:
    """What part of the budget of its source the figure is, to the sixth decimal; None where either is too small."""
    budget = film.budgets.get(figure.source)
    if budget is None or budget < 1000 or figure.value < 1000:
        return None
    return round(figure.value / budget, 6)
