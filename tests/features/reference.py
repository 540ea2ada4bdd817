"""X_t and D_t once more, slowly and film by film, from nothing but what each film may know."""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from tests.conftest import Warehouse

FIRST_DAY = {
    "day": lambda day: day,
    "month": lambda day: day.replace(day=1),
    "year": lambda day: day.replace(month=1, day=1),
}


@dataclass
class FilmFacts:
    release_date: date | None
    precision: str | None
    budget: float | None
    genres: list[str] = field(default_factory=list)
    people: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    box_office: dict[date, float] = field(default_factory=dict)
    ratings: dict[date, float] = field(default_factory=dict)


class Facts:
    """Everything that the warehouse has been told."""

    def __init__(self, warehouse: Warehouse) -> None:
        read = warehouse.rows
        self.films = {
            film_id: FilmFacts(*rest)
            for film_id, *rest in read("select film_id, release_date, release_precision, budget from pel.films")
        }
        self.filmography: dict[tuple[str, int], list[FilmFacts]] = defaultdict(list)
        for film_id, role, person_id in read("select film_id, role, person_id from pel.credits"):
            self.films[film_id].people[role].append(person_id)
            self.filmography[role, person_id].append(self.films[film_id])
        for film_id, genre in read("select film_id, name from pel.film_genres join pel.genres using (genre_id)"):
            self.films[film_id].genres.append(genre)
        for film_id, known_on, dollars in read("select film_id, known_on, dollars from pel.box_office"):
            self.films[film_id].box_office[known_on] = math.log10(dollars)
        for film_id, known_on, rating in read("select film_id, known_on, rating from pel.ratings"):
            self.films[film_id].ratings[known_on] = float(rating)

    def attributes(self, film_id: int, as_of: date) -> dict[str, object]:
        """The film's row of film_attributes as of that date."""
        film = self.films[film_id]
        assert film.release_date is not None
        assert film.precision is not None
        known_at = min(FIRST_DAY[film.precision](film.release_date), as_of)
        return {
            "known_at": known_at,
            **self._track_record("director", film, known_at),
            **self._track_record("cast", film, known_at),
            "budget": math.log10(film.budget) if film.budget else None,
            "genres": sorted(film.genres),
            "release_year": film.release_date.year,
            "release_week": film.release_date.isocalendar().week if film.precision == "day" else None,
        }

    def _track_record(self, role: str, film: FilmFacts, known_at: date) -> dict[str, object]:
        people = film.people[role]
        seen = [
            other
            for person in people
            for other in self.filmography[role, person]
            if other.release_date and other.release_date < known_at
        ]
        made = [figure for other in seen if (figure := newest(other.box_office, known_at)) is not None]
        rated = [figure for other in seen if (figure := newest(other.ratings, known_at)) is not None]
        return {
            f"{role}_films": len(seen) / max(len(people), 1),
            f"{role}_box_office": math.fsum(made) / len(made) if made else None,
            f"{role}_box_office_films": len(made) / max(len(people), 1),
            f"{role}_rating": math.fsum(rated) / len(rated) if rated else None,
        }

    def in_order(self) -> list[int]:
        """The films dated to the day, in the order (release_date, film_id)."""
        dated = [(film.release_date, film_id) for film_id, film in self.films.items() if film.precision == "day"]
        return [film_id for _, film_id in sorted(dated)]

    def predecessors(self) -> dict[int, int | None]:
        """For every film with a place in the order the one before it."""
        return {film_id: previous for previous, film_id in pairwise([None, *self.in_order()]) if film_id is not None}


def newest(figures: dict[date, float], known_at: date) -> float | None:
    """The figure that was the newest on that day."""
    known = [day for day in figures if day <= known_at]
    return figures[max(known)] if known else None
