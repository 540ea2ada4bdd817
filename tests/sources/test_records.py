import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pel.sources import Film, Reject
from pel.sources.records import as_text, film_or_reject

ALIEN: dict[str, Any] = {
    "key": "tt0078748",
    "title": "Alien",
    "release_date": date(1979, 5, 25),
    "release_precision": "day",
    "runtime_minutes": 117,
    "budget": 11_000_000,
    "directors": [{"name": "Ridley Scott", "billing": 1}],
    "genres": ["Horror"],
    "rating": {"value": 8.5, "votes": 900_000, "observed_on": date(2020, 1, 1)},
    "box_office": {"dollars": 104_931_801, "observed_on": None},
}


def taken(**fields: Any) -> Film | Reject:
    return film_or_reject({**ALIEN, **fields}, raw=fields)


def test_a_record_that_keeps_the_rules_is_a_film() -> None:
    film = taken()
    assert isinstance(film, Film)
    assert film.box_office is not None
    assert (film.title, film.box_office.dollars) == ("Alien", Decimal(104_931_801))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"rating": {"value": 11}}, "rating.value"),
        ({"rating": {"value": -1}}, "rating.value"),
        ({"rating": {"value": float("nan")}}, "rating.value"),
        ({"rating": {"value": 7, "votes": 0}}, "rating.votes"),
        ({"budget": -1}, "budget"),
        ({"budget": 0}, "budget"),
        ({"budget": float("inf")}, "budget"),
        ({"box_office": {"dollars": -5}}, "box_office.dollars"),
        ({"box_office": {"dollars": 10**13}}, "box_office.dollars"),
        ({"box_office": {"dollars": "a lot"}}, "box_office.dollars"),
        ({"runtime_minutes": 0}, "runtime_minutes"),
        ({"runtime_minutes": 2**31}, "runtime_minutes"),
        ({"release_date": date(1500, 1, 1)}, "release_date"),
        ({"release_date": "the 25th of May"}, "release_date"),
        ({"release_date": None}, "release_date and release_precision"),
        ({"release_precision": None}, "release_date and release_precision"),
        ({"release_precision": "decade"}, "release_precision"),
        ({"directors": [{"name": "Ridley\x00Scott"}]}, "directors.0.name"),
        ({"directors": [{"name": "Ridley Scott", "billing": 0}]}, "directors.0.billing"),
        ({"cast": [{"name": "Ian Holm"}, {"name": " "}]}, "cast.1.name"),
        ({"genres": ["Horror", ""]}, "genres.1"),
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"title": "A" * 1001}, "title"),
        ({"key": "tt\x00"}, "key"),
        ({"tagline": "In space no one can hear you scream"}, "tagline"),
    ],
)
def test_an_impossible_value_is_rejected_and_its_field_named(fields: dict[str, Any], named: str) -> None:
    reject = taken(**fields)
    assert isinstance(reject, Reject)
    assert named in reject.reason


def test_every_broken_rule_is_named() -> None:
    reject = taken(rating={"value": 11}, budget=-1)
    assert isinstance(reject, Reject)
    assert "rating.value: " in reject.reason
    assert "budget: " in reject.reason


def test_a_reject_carries_the_record_as_it_was_delivered() -> None:
    raw = {"Title": "Alien", "Rating": 11, "Released": date(1979, 5, 25)}
    reject = film_or_reject({**ALIEN, "rating": {"value": 11}}, raw=raw)
    assert isinstance(reject, Reject)
    assert json.loads(reject.raw) == {"Title": "Alien", "Rating": 11, "Released": "1979-05-25"}


@pytest.mark.parametrize("value", ["\x00", "\ud800", b"\xff", float("nan")])
def test_the_text_of_a_record_is_text_that_postgres_can_hold(value: object) -> None:
    text = as_text({"Title": value})
    assert "\x00" not in text
    assert text.isascii()


def test_what_is_not_said_is_unknown() -> None:
    film = Film(key="1", title="Untitled")
    assert {name for name, value in film if value is not None} == {
        "key", "ids", "title", "directors", "cast", "genres", "companies", "collections", "countries", "languages",
        "keywords",
    }  # fmt: skip


def test_spaces_around_a_name_do_not_count() -> None:
    film = Film(key=" 1 ", title="\tAlien\n")
    assert (film.key, film.title) == ("1", "Alien")
