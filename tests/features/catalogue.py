"""Random films, dense enough that everything happens: films of one day, of one person, of nobody, of some month."""

import random
from calendar import monthrange
from datetime import date, timedelta

from pel.sources import Film, UserRating
from tests.films import a_film

START = date(2000, 1, 1)
DAYS = 500
EPOCH = date(1970, 1, 1)


def dice(seed: int) -> random.Random:
    """Chance that falls the same way every time."""
    return random.Random(seed)  # noqa: S311 -- no secret hangs on it


def random_film(rng: random.Random, n: int) -> Film:
    """Film n, out of few people, companies and genres; with figures from before its release until long after it."""
    release_date, precision = random_release(rng)
    observed = rng.random() < 0.5 and release_date is not None
    observed_on = random_day(rng, -100, DAYS + 300).isoformat() if observed else None
    budget, dollars = random_money(rng)
    return a_film(
        f"film {n}",
        release_date.isoformat() if release_date else None,
        ids=[f"tmdb:{n + 1}"],
        release_precision=precision,
        directors=rng.sample([f"director {n}" for n in range(12)], rng.choice([0, 0, 1, 2])),
        cast=rng.sample([f"actor {n}" for n in range(30)], rng.choice([0, 0, 1, 4])),
        genres=rng.sample(["Crime", "Drama", "Horror", "Sci-Fi", "drama", "Épopée"], rng.randrange(4)),
        collections=rng.sample([f"collection {n}" for n in range(15)], rng.choice([0, 0, 1, 2])),
        companies=rng.sample([f"company {n}" for n in range(20)], rng.choice([0, 1, 3])),
        budget=budget,
        dollars=dollars,
        rating=rng.randrange(101) / 10 if rng.random() < 0.6 else None,
        observed_on=observed_on,
    )


def random_money(rng: random.Random) -> tuple[int | None, int | None]:
    """Budget and box office; some too small, some by a formula, some of another film, some round."""
    budget = rng.randrange(1, 10**8) if rng.random() < 0.3 else None
    kind = rng.choices(["none", "any", "small", "formula", "another's", "round"], [30, 25, 5, 28, 7, 5])[0]
    if kind == "formula":
        budget = rng.randrange(500, 10**7)
    dollars = {
        "none": None,
        "any": rng.randrange(1, 10**9),
        "small": rng.randrange(1, 1000),
        "formula": 3 * (budget or 1),
        "another's": rng.choice([104_931_801, 85_160_248, 203_630_630]),
        "round": rng.choice([10**6, 5 * 10**6]),
    }[kind]
    return budget, dollars


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
    return [random_film(rng, place) for place in range(n)]


def random_user_ratings(rng: random.Random, films: int, votes: int) -> list[UserRating]:
    """What users gave some of the first films, from before they were out."""
    return [
        a_user_rating(rng.randrange(films), random_day(rng, 0, DAYS + 300), rng.randrange(1, 11)) for _ in range(votes)
    ]


def a_user_rating(n: int, day: date, rating: float) -> UserRating:
    """A user's rating of film n."""
    return UserRating(f"tmdb:{n + 1}", (day - EPOCH).days, rating)
