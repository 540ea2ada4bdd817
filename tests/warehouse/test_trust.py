"""Where sources differ: each field from the most trusted that says anything, and corrections before all."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pel.features.films import cut, refresh
from tests.conftest import Warehouse
from tests.features.tables import attributes_of
from tests.films import a_film, take_in
from tests.warehouse.corrected import correct

IDS = ["tmdb:348"]
ALIEN = "tmdb:348"
FILM = "select title, release_date, release_precision, runtime_minutes, certification from pel.films"


@pytest.fixture
def trusting(warehouse: Warehouse) -> Iterator[Warehouse]:
    """A warehouse whose order of trust may be changed."""
    before = warehouse.rows("select field, source, rank from pel.trust")
    yield warehouse
    warehouse.rows("delete from pel.trust")
    for row in before:
        warehouse.rows("insert into pel.trust (field, source, rank) values (%s, %s, %s)", list(row))


def tell(source: str, release_date: str | None = "1979-05-25", **fields: Any) -> None:
    """The word of a source on the one film."""
    take_in(a_film(source, release_date, ids=IDS, **fields), source=source)


def names(warehouse: Warehouse, kind: str, key: str) -> list[str]:
    return [
        name for (name,) in warehouse.rows(f"select name from pel.{kind} join pel.film_{kind} using ({key}) order by 1")
    ]


def test_every_field_comes_from_the_most_trusted_that_says_anything(warehouse: Warehouse) -> None:
    tell(
        "wikidata",
        title="Alien (film)",
        runtime_minutes=90,
        directors=["R. Scott"],
        genres=["horror"],
        certification="R",
    )
    tell("kaggle", title="ALIEN", runtime_minutes=117, cast=["Sigourney Weaver"], genres=["Horror"], companies=["Fox"])
    tell("tmdb", "1979-05-26", title="Alien", cast=["Ian Holm", "John Hurt"])
    assert warehouse.rows(FILM) == [("Alien", date(1979, 5, 26), "day", 117, "R")]
    people = "select role, name from pel.credits join pel.people using (person_id) order by 1, 2"
    assert warehouse.rows(people) == [("cast", "Ian Holm"), ("cast", "John Hurt"), ("director", "R. Scott")]
    assert names(warehouse, "genres", "genre_id") == ["Horror"]
    assert names(warehouse, "companies", "company_id") == ["Fox"]


def test_the_order_in_which_they_come_does_not_matter(warehouse: Warehouse) -> None:
    tell("tmdb", title="Alien", genres=["Horror"])
    tell("wikidata", title="Alien (film)", runtime_minutes=90)
    tell("kaggle", title="ALIEN", runtime_minutes=117, genres=["Thriller"])
    assert warehouse.rows("select title, runtime_minutes from pel.films") == [("Alien", 117)]
    assert names(warehouse, "genres", "genre_id") == ["Horror"]


def test_a_day_comes_before_a_year_whoever_says_it(warehouse: Warehouse) -> None:
    tell("tmdb", "1979-12-31", release_precision="year")
    tell("wikidata", "1979-05-25")
    assert warehouse.rows("select release_date, release_precision from pel.films") == [(date(1979, 5, 25), "day")]


def test_a_source_that_nobody_named_is_believed_last(warehouse: Warehouse) -> None:
    tell("aaa", title="Aaa", runtime_minutes=5)
    tell("wikidata", title="Alien")
    assert warehouse.rows("select title, runtime_minutes from pel.films") == [("Alien", 5)]


def test_every_source_keeps_its_budget_and_the_most_trusted_is_believed(warehouse: Warehouse) -> None:
    tell("wikidata", budget=10**6)
    tell("kaggle", budget=10**7)
    assert warehouse.rows("select source, dollars from pel.budgets order by 1") == [
        ("kaggle", 10**7),
        ("wikidata", 10**6),
    ]
    refresh(date(1990, 1, 1))
    assert attributes_of(warehouse, "kaggle")["budget"] == 7


def test_an_implausible_budget_leaves_the_word_to_the_next(warehouse: Warehouse) -> None:
    tell("kaggle", budget=11)
    tell("wikidata", budget=10**7)
    refresh(date(1990, 1, 1))
    assert attributes_of(warehouse, "kaggle")["budget"] == 7


def test_another_order_of_trust_holds_from_the_next_ingest(trusting: Warehouse) -> None:
    tell("tmdb", title="Alien", runtime_minutes=117)
    tell("wikidata", title="Alien (film)", runtime_minutes=90)
    trusting.rows("insert into pel.trust (field, source, rank) values ('title', 'wikidata', 0)")
    tell("kaggle", title="ALIEN")
    assert trusting.rows("select title, runtime_minutes from pel.films") == [("Alien (film)", 117)]


def test_one_field_may_be_trusted_to_another(trusting: Warehouse) -> None:
    trusting.rows(
        "insert into pel.trust (field, source, rank) values ('budget', 'wikidata', 0), ('rating', 'kaggle', 0)"
    )
    for source, exponent in (("tmdb", 6), ("kaggle", 7), ("wikidata", 8)):
        tell(source, budget=10**exponent, rating=exponent, dollars=10**exponent)
    refresh(date(1990, 1, 1))
    assert attributes_of(trusting, "tmdb")["budget"] == 8
    assert cut("pretrain", date(1990, 1, 1)).films()["label"].tolist() == [7]
    assert cut("finetune", date(1990, 1, 1)).films()["label"].tolist() == [6]


def test_an_analyst_sees_who_says_what_and_whom_we_believe(warehouse: Warehouse) -> None:
    tell("tmdb", "1979-12-31", release_precision="year", title="Alien", genres=["Horror"])
    tell("wikidata", "1979-05-25", title="Alien (film)", budget=11_000_000)
    shown = warehouse.rows("select field, source, value, believed from film_sources order by 1, 2", role="pel_reader")
    assert shown == [
        ("budget", "wikidata", "11000000", True),
        ("genres", "tmdb", '["Horror"]', True),
        ("release_date", "tmdb", "1979-12-31", False),
        ("release_date", "wikidata", "1979-05-25", True),
        ("release_precision", "tmdb", "year", False),
        ("release_precision", "wikidata", "day", True),
        ("title", "tmdb", "Alien", True),
        ("title", "wikidata", "Alien (film)", False),
    ]


def test_what_is_believed_is_what_the_facts_hold(warehouse: Warehouse) -> None:
    tell("kaggle", "1979-05-01", title="ALIEN", runtime_minutes=117)
    tell("tmdb", "1979-05-31", release_precision="month", title="Alien", certification="R")
    tell("wikidata", None, title="Alien (film)", runtime_minutes=90, certification="X")
    believed = dict(warehouse.rows("select field, value from film_sources where believed"))
    ((title, day, precision, minutes, certification),) = warehouse.rows(FILM)
    assert believed == {
        "title": title, "release_date": str(day), "release_precision": precision,
        "runtime_minutes": str(minutes), "certification": certification,
    }  # fmt: skip


def test_a_correction_overrules_every_source(warehouse: Warehouse, tmp_path: Path) -> None:
    tell("tmdb", title="Alien", runtime_minutes=5, budget=5_000_000, dollars=6_000_000, certification="G")
    correct(
        tmp_path,
        (ALIEN, "title", "Alien!", "the poster"),
        (ALIEN, "release_date", "1979-06-22", "the US"),
        (ALIEN, "runtime_minutes", "117", "my watch"),
        (ALIEN, "certification", "R", "the poster"),
        (ALIEN, "budget", "10000000", "the studio"),
        (ALIEN, "box_office", "100000000", "the numbers"),
    )
    assert warehouse.rows(FILM) == [("Alien!", date(1979, 6, 22), "day", 117, "R")]
    refresh(date(1990, 1, 1))
    assert attributes_of(warehouse, "Alien!")["budget"] == 7
    assert cut("finetune", date(1990, 1, 1)).films()["label"].tolist() == [8]


def test_a_correction_overrules_a_figure_with_a_day_of_observation(warehouse: Warehouse, tmp_path: Path) -> None:
    tell("tmdb", dollars=6_000_000, observed_on="1985-01-01")
    correct(tmp_path, (ALIEN, "box_office", "100000000", "the numbers"))
    assert cut("finetune", date(1990, 1, 1)).films()["label"].tolist() == [8]


@pytest.mark.parametrize("field", ["budget", "box_office", "runtime_minutes", "certification"])
def test_a_correction_may_make_a_value_unknown(warehouse: Warehouse, tmp_path: Path, field: str) -> None:
    tell("tmdb", title="Alien", runtime_minutes=5, budget=5_000_000, dollars=6_000_000, certification="G")
    correct(tmp_path, (ALIEN, field, "unknown", "a guess"))
    refresh(date(1990, 1, 1))
    known = {
        "budget": attributes_of(warehouse, "Alien")["budget"] is not None,
        "box_office": len(cut("finetune", date(1990, 1, 1)).films()) == 1,
        "runtime_minutes": warehouse.rows("select runtime_minutes from pel.films") == [(5,)],
        "certification": warehouse.rows("select certification from pel.films") == [("G",)],
    }
    assert {name for name, is_known in known.items() if not is_known} == {field}


def test_a_release_may_be_corrected_to_unknown(warehouse: Warehouse, tmp_path: Path) -> None:
    tell("tmdb")
    correct(tmp_path, (ALIEN, "release_date", "unknown", "it never came out"))
    assert warehouse.rows("select release_date, release_precision from pel.films") == [(None, None)]
    shown = "select field, source, value from film_sources where believed and field like 'release%' order by 1"
    assert warehouse.rows(shown) == [("release_date", "corrections", None), ("release_precision", "corrections", None)]


def test_a_line_that_is_taken_out_does_not_count_any_more(warehouse: Warehouse, tmp_path: Path) -> None:
    tell("tmdb", runtime_minutes=5, budget=5_000_000)
    correct(tmp_path, (ALIEN, "runtime_minutes", "117", "my watch"), (ALIEN, "budget", "unknown", "a guess"))
    correct(tmp_path, (ALIEN, "budget", "unknown", "a guess"))
    assert warehouse.rows("select runtime_minutes from pel.films") == [(5,)]
    correct(tmp_path)
    refresh(date(1990, 1, 1))
    assert attributes_of(warehouse, "tmdb")["budget"] == pytest.approx(6.69897)
    correct(tmp_path, (ALIEN, "runtime_minutes", "117", "my watch"))
    assert warehouse.rows("select runtime_minutes from pel.films") == [(117,)]


def test_corrections_and_what_they_said_before_can_be_read(warehouse: Warehouse, tmp_path: Path) -> None:
    tell("tmdb")
    correct(tmp_path, (ALIEN, "budget", "10000000", "a newspaper"), (ALIEN, "certification", "unknown", "typo"))
    correct(tmp_path, (ALIEN, "budget", "11000000.50", "the studio"))
    told = "select field, value, reason, in_force from pel.corrections order by in_force, field"
    first, *rest = warehouse.rows(told)
    assert [Decimal(first[1]), *first[::2]] == [Decimal(10**7), "budget", "a newspaper"]
    assert rest == [("certification", None, "typo", False), ("budget", "11000000.50", "the studio", True)]
