"""Values that nobody should believe: each rule catches its case, and lets go what only looks like it."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pel.features.films import cut, refresh
from pel.sources import Film
from tests.conftest import Warehouse
from tests.features.tables import attributes_of
from tests.films import a_film, take_in
from tests.warehouse.corrected import correct

LATER = date(2010, 1, 1)
LISTED = """
    select f.title, s.source, s.field, s.value::float, s.rule
    from pel.suspicious_values s
    join pel.films f using (film_id)
    order by s.rule, f.title, s.source
"""


def listed(warehouse: Warehouse, as_of: date = LATER) -> list[tuple]:
    refresh(as_of)
    return warehouse.rows(LISTED)


def caught(warehouse: Warehouse, rule: str, as_of: date = LATER) -> list[str]:
    """The films that the rule caught."""
    return sorted({title for title, *_, its_rule in listed(warehouse, as_of) if its_rule == rule})


def by_formula(films: int, *, share: float = 0.5, first: int = 0) -> list[Film]:
    """Films of different budgets, each of which made the same share of its own."""
    budgets = [1_000_010 + 20_000 * n for n in range(first, first + films)]
    return [a_film(f"film {budget}", "2000-01-01", budget=budget, dollars=round(budget * share)) for budget in budgets]


def observed(films: int) -> list[Film]:
    """Films each of which made another share of its budget."""
    return [
        a_film(f"observed {n}", "2001-01-01", budget=1_000_000, dollars=1_000_000 + 1_001 * n)
        for n in range(1, films + 1)
    ]


def made(title: str, release_date: str, dollars: float, **fields: Any) -> Film:
    return a_film(title, release_date, dollars=dollars, **fields)


FORMULA = "box_office_is_a_share_of_the_budget"
TWIN = "box_office_is_of_another_film"
EARLY = "box_office_before_release"
CAUGHT: dict[str, Iterable[Film]] = {
    "budget_under_1000_dollars": [
        a_film("caught", "2001-01-01", budget=999.99),
        a_film("fine", "2001-01-01", budget=1000),
    ],
    "box_office_under_1000_dollars": [made("caught", "2001-01-01", 999.99), made("fine", "2001-01-01", 1000)],
    TWIN: [made("fine", "2001-01-01", 104_931_801), made("caught", "2001-01-02", 104_931_801)],
    EARLY: [
        made("caught", "2001-01-02", 10**6, observed_on="2001-01-01"),
        made("fine", "2001-01-02", 10**7, observed_on="2001-01-02"),
    ],
}
LET_GO: dict[str, tuple[str, list[Film]]] = {
    "a common figure in ten thousands": (TWIN, [made(str(n), f"200{n}-01-01", 1_230_000) for n in range(3)]),
    "a cent more": (TWIN, [made("1", "2001-01-01", 104_931_801), made("2", "2001-01-02", 104_931_801.01)]),
    "the budget of another": (TWIN, [a_film("1", "2001-01-01", budget=1_049_318), made("2", "2002-01-01", 1_049_318)]),
    "a figure without a day": (EARLY, [made("1", "2001-01-02", 10**6)]),
    "in a year in which the film may be out": (
        EARLY, [made("1", "2001-12-31", 10**6, release_precision="year", observed_on="2001-01-01")]
    ),
    "a share of nineteen films": (FORMULA, by_formula(19)),
    "a share that is almost the same": (FORMULA, [*by_formula(19), *by_formula(10, share=0.50001, first=50)]),
    "a share of less than one film in a hundred": (FORMULA, [*by_formula(20), *observed(1_981)]),
    "a share of a budget nobody believes": (
        FORMULA, [a_film(str(n), "2001-01-01", budget=100 + n, dollars=(100 + n) * 50) for n in range(30)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", CAUGHT)
def test_a_rule_catches_its_case_and_lets_the_next_one_go(warehouse: Warehouse, rule: str) -> None:
    take_in(*CAUGHT[rule])
    assert caught(warehouse, rule) == ["caught"]
    assert {its_rule for *_, its_rule in listed(warehouse)} == {rule}


@pytest.mark.parametrize("others", [0, 1_980])
def test_the_same_share_of_the_budget_is_a_formula_once_enough_films_made_it(warehouse: Warehouse, others: int) -> None:
    films = by_formula(20)
    take_in(*films, *observed(others))
    assert caught(warehouse, FORMULA) == sorted(film.key for film in films)


@pytest.mark.parametrize(("rule", "films"), LET_GO.values(), ids=LET_GO.keys())
def test_what_only_looks_like_it_is_let_go(warehouse: Warehouse, rule: str, films: list[Film]) -> None:
    take_in(*films)
    assert caught(warehouse, rule) == []


def test_films_that_two_sources_tell_of_are_counted_once(warehouse: Warehouse) -> None:
    films = [film.model_copy(update={"ids": (f"tmdb:{n}",)}) for n, film in enumerate(by_formula(15), 1)]
    take_in(*films, source="kaggle")
    take_in(*films, source="tmdb5000")
    assert caught(warehouse, FORMULA) == []


def test_a_share_is_one_of_the_budget_of_the_same_source(warehouse: Warehouse) -> None:
    films = [film.model_copy(update={"ids": (f"tmdb:{n}",)}) for n, film in enumerate(by_formula(30), 1)]
    take_in(*(film.model_copy(update={"budget": None}) for film in films), source="kaggle")
    take_in(*(film.model_copy(update={"box_office": None}) for film in films), source="tmdb")
    assert caught(warehouse, FORMULA) == []


@pytest.mark.parametrize("first", ["tmdb", "kaggle"])
def test_two_sources_of_one_film_may_say_the_same(warehouse: Warehouse, first: str) -> None:
    for source in (first, "wikidata"):
        take_in(made("Alien", "1979-05-25", 104_931_801, ids=["tmdb:348"]), source=source)
    assert listed(warehouse) == []


def test_of_films_of_one_day_the_first_keeps_its_figure(warehouse: Warehouse) -> None:
    take_in(made("A", "2001-01-01", 104_931_801), made("B", "2001-01-01", 104_931_801))
    assert caught(warehouse, TWIN) == ["B"]


def test_a_suspicious_value_is_listed_with_its_rule(warehouse: Warehouse) -> None:
    take_in(a_film("Alien", "1979-05-25", budget=11, dollars=104))
    assert listed(warehouse) == [
        ("Alien", "made up", "box_office", 104, "box_office_under_1000_dollars"),
        ("Alien", "made up", "budget", 11, "budget_under_1000_dollars"),
    ]


def test_every_rule_that_is_explained_catches_something(warehouse: Warehouse, tmp_path: Path) -> None:
    take_in(*by_formula(20))
    for rule, films in CAUGHT.items():
        take_in(*(film.model_copy(update={"key": f"{film.key} by {rule}"}) for film in films))
    take_in(a_film("Alien", "1979-05-25", ids=["tmdb:348"], budget=11_000_000, dollars=104_931_802))
    correct(tmp_path, ("tmdb:348", "budget", "unknown", "a guess"), ("tmdb:348", "box_office", "unknown", "a guess"))
    explained = warehouse.rows("select rule, field from pel.plausibility_rules order by 1")
    assert sorted({(rule, field) for *_, field, _, rule in listed(warehouse)}) == explained


def test_a_corrected_value_is_listed_and_the_correction_is_not_judged(warehouse: Warehouse, tmp_path: Path) -> None:
    take_in(a_film("Alien", "1979-05-25", ids=["tmdb:348"], budget=11, dollars=104_931_801))
    correct(tmp_path, ("tmdb:348", "budget", "900", "it was that cheap"), ("tmdb:348", "box_office", "500", "seen"))
    assert listed(warehouse) == [
        ("Alien", "made up", "box_office", 104_931_801, "box_office_corrected"),
        ("Alien", "made up", "budget", 11, "budget_corrected"),
        ("Alien", "made up", "budget", 11, "budget_under_1000_dollars"),
    ]
    assert attributes_of(warehouse, "Alien")["budget"] == pytest.approx(2.954242509439325)
    assert warehouse.rows("select dollars from pel.plausible_box_office") == [(500,)]


def test_a_correction_that_is_taken_out_gives_the_value_back(warehouse: Warehouse, tmp_path: Path) -> None:
    take_in(a_film("Alien", "1979-05-25", ids=["tmdb:348"], budget=10**7))
    correct(tmp_path, ("tmdb:348", "budget", "unknown", "a guess"))
    refresh(LATER)
    assert attributes_of(warehouse, "Alien")["budget"] is None
    correct(tmp_path)
    assert listed(warehouse) == []
    assert attributes_of(warehouse, "Alien")["budget"] == 7


def test_a_figure_that_was_not_known_yet_judges_nothing(warehouse: Warehouse) -> None:
    take_in(
        made("first", "2001-01-01", 104_931_801, observed_on="2005-01-01"),
        made("second", "2002-01-01", 104_931_801, observed_on="2003-01-01"),
    )
    assert caught(warehouse, TWIN, date(2004, 12, 31)) == []
    assert caught(warehouse, TWIN, date(2005, 1, 1)) == ["second"]
    assert caught(warehouse, TWIN, date(2004, 12, 31)) == []


def test_films_that_had_not_settled_are_not_counted_for_a_formula(warehouse: Warehouse) -> None:
    late = made("late", "2005-01-01", 5_000_000, budget=10_000_000)
    take_in(*by_formula(19), late)
    assert caught(warehouse, FORMULA, date(2005, 6, 29)) == []
    assert len(caught(warehouse, FORMULA, date(2005, 6, 30))) == 20


def history_of(title: str) -> Callable[[Warehouse], tuple]:
    return lambda warehouse: tuple(
        attributes_of(warehouse, title)[f"{kind}_box_office_films"]
        for kind in ("director", "cast", "collection", "company")
    )


def test_a_changed_verdict_changes_the_films_that_look_back(warehouse: Warehouse) -> None:
    ann: dict[str, Any] = {"directors": ["Ann"], "cast": ["Ann"], "collections": ["Ann's"], "companies": ["Ann & Co."]}
    take_in(
        made("twin", "2001-01-01", 104_931_801, observed_on="2005-01-01"),
        made("by Ann", "2001-06-01", 104_931_801, **ann),
        a_film("next by Ann", "2003-01-01", **ann),
    )
    history = history_of("next by Ann")
    refresh(date(2004, 12, 31))
    assert history(warehouse) == (1, 1, 1, 1)
    refresh(date(2005, 1, 1))
    assert history(warehouse) == (0, 0, 0, 0)
    refresh(date(2004, 12, 31))
    assert history(warehouse) == (1, 1, 1, 1)


def test_a_figure_that_becomes_plausible_counts_again(warehouse: Warehouse) -> None:
    take_in(made("twin", "2001-01-01", 104_931_801), made("by Ann", "2001-06-01", 104_931_801))
    assert cut("finetune", LATER).films()["label"].size == 1
    take_in(made("twin", "2001-01-01", 104_931_802))
    assert cut("finetune", LATER).films()["label"].size == 2
    assert listed(warehouse) == []


def test_a_figure_nobody_believes_does_not_push_out_one_without_a_day(warehouse: Warehouse) -> None:
    take_in(made("Alien", "1979-05-25", 10**8, ids=["tmdb:348"]), source="kaggle")
    take_in(made("Alien", "1979-05-25", 104, ids=["tmdb:348"], observed_on="1979-06-25"), source="wikidata")
    assert cut("finetune", LATER).films()["label"].tolist() == [8]
