"""A catalogue of any size, grown from real films.

Films are drawn from the real ones in rounds: each round is a world of its own with all the real films once, the same
names, and people, companies and collections of its own. So careers stay as skewed as they are, and names are shared by
strangers. A film's cast is filled up from other films of its round until the catalogue has ten credits a film.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from pel.sources import Batch, Film, Source
from pel.sources.records import BoxOffice, Credit

CREDITS = 10
SPREAD_DAYS = 365  # a copy comes out within a year of the original


class GrownSource(Source):
    """``films`` films, drawn from the real ones; the same ones every time."""

    name = "grown"

    def __init__(self, real: list[Film], films: int) -> None:
        self.location = f"{films} films"
        self._real = real
        self._films = films

    def batches(self) -> Iterator[Batch]:
        """All at once, as a first load has to."""
        yield Batch("films", self.records)

    def records(self) -> Iterator[Film]:
        """The films, round by round."""
        for number in range(self._films):
            yield self.film(number)

    def film(self, number: int) -> Film:
        """The film of this number."""
        rng = random.Random(number)  # noqa: S311 -- no secret hangs on it
        round_, place = divmod(number, len(self._real))
        real = self._real[place]
        cast = list(real.cast)
        while len(cast) + len(real.directors) < CREDITS:
            cast += self._real[rng.randrange(len(self._real))].cast or (Credit(name=f"Extra {rng.randrange(10**5)}"),)
        return real.model_copy(
            update={
                "key": str(number),
                "ids": (),
                "release_date": _moved(real, rng),
                "directors": _own(real.directors, round_),
                "cast": _own(_once_each(cast)[: CREDITS - len(real.directors)], round_),
                "companies": tuple(f"{name} {round_}" for name in real.companies),
                "collections": tuple(f"{name} {round_}" for name in real.collections),
                "budget": _blurred(real.budget, rng),
                "box_office": real.box_office and BoxOffice(dollars=_blurred(real.box_office.dollars, rng)),
            }
        )

    def changed(self, number: int) -> Film:
        """The film of this number after a night: another cast, another budget, and a box office."""
        film = self.film(number)
        rng = random.Random(-number - 1)  # noqa: S311
        return film.model_copy(
            update={
                "cast": film.cast[::-1],
                "budget": Decimal(rng.randrange(10**5, 10**8)),
                "box_office": BoxOffice(dollars=Decimal(rng.randrange(10**5, 10**9))),
            }
        )


def _blurred(dollars: Decimal | None, rng: random.Random) -> Decimal | None:
    """Some other sum of that size: copies to the dollar would be taken for mistakes."""
    return dollars and max(Decimal(round(float(dollars) * rng.uniform(0.8, 1.25))), Decimal(1))


def _moved(film: Film, rng: random.Random) -> date | None:
    """Another day for a film dated to the day; the last of its year stays what it is."""
    if film.release_precision != "day" or film.release_date is None:
        return film.release_date
    return film.release_date + timedelta(rng.randint(-SPREAD_DAYS, SPREAD_DAYS))


def _own(people: tuple[Credit, ...] | list[Credit], round_: int) -> tuple[Credit, ...]:
    """The people under keys of this round; the names stay."""
    return tuple(
        credit.model_copy(update={"key": f"{credit.key or credit.name} {round_}", "billing": place})
        for place, credit in enumerate(people, 1)
    )


def _once_each(people: list[Credit]) -> list[Credit]:
    return list({person.key or person.name: person for person in people}.values())
