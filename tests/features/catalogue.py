"""Random films, dense enough that everything happens: films of one day, of one person, of nobody, of some month."""

import random
from calendar import monthrange
from datetime import date, timedelta

from pel.sources import Film
from tests.films import a_film

START = date(2000, 1, 1)
DAYS = 500


def dice(seed: int) -> random.Random:
    """Chance that falls the same way every time."""
    return random.Random(seed)  # noqa: S311 -- no secret hangs on it


def random_film(rng: random.Random, key: str) -> Film:
    """A film out of few people and genres; with figures from before its release until long after it."""
    release_date, precision = random_release(rng)
    observed = rng.random() < 0.5 and release_date is not None
    observed_on = random_day(rng, -100, DAYS + 300).isoformat() if observed else None
    return a_film(
        key,
        release_date.isoformat() if release_date else None,
        release_precision=precision,
        directors=rng.sample([f"director {n}" for n in range(12)], rng.choice([0, 0, 1, 2])),
        cast=rng.sample([f"actor {n}" for n in range(30)], rng.choice([0, 0, 1, 4])),
        genres=rng.sample(["Crime", "Drama", "Horror", "Sci-Fi", "drama", "Épopée"], rng.randrange(4)),
        budget=rng.randrange(1, 10**8) if rng.random() < 0.3 else None,
        dollars=rng.randrange(1, 10**9) if rng.random() < 0.6 else None,
        rating=rng.randrange(101) / 10 if rng.random() < 0.6 else None,
        observed_on=observed_on,
    )


def random_release(rng: random.Random) -> tuple[date | None, str]:
    day = random_day(rng, 0, DAYS)
    precision = rng.choices(["day", "month", "year", "none"], [60, 15, 20, 5])[0]
    if precision == "none":
        return None, "day"
    if precision == "year":
        return day.replace(month=12, day=31), "year"
    if precision == "month":
        return day.replace(day=monthrange(day.year, day.month)[1]), "month"
    return day, "day"


def random_day(rng: random.Random, first: int, last: int) -> date:
    return START + timedelta(rng.randrange(first, last))


def random_films(rng: random.Random, n: int) -> list[Film]:
    return [random_film(rng, f"film {place}") for place in range(n)]
