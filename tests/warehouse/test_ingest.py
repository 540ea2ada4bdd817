from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from pel.sources import Film, Reject
from pel.warehouse.ingest import IngestRun
from tests.conftest import Warehouse
from tests.films import SOURCE, a_film, take_in
from tests.warehouse.contents import FACTS, contents

ALIEN = a_film(
    "Alien",
    "1979-05-25",
    directors=["Ridley Scott"],
    cast=["Sigourney Weaver", "Ian Holm"],
    dollars=104_931_801,
    rating=8.5,
    genres=["Horror", "Science Fiction"],
    companies=["Brandywine"],
    collections=["Alien"],
    countries=["United Kingdom"],
    languages=["English"],
)
AMOUR = a_film("Amour", "2012-12-31", release_precision="year", directors=["Michael Haneke"], rating=7.9)
BROKEN = Reject(reason="rating.value: 11 is too much", raw='{"Title": "Gigli"}')


def counts(run: IngestRun) -> tuple[int, ...]:
    return run.records_read, run.inserted, run.updated, run.unchanged, run.rejected


def names_of(warehouse: Warehouse, title: str, names: str, links: str, key: str) -> list[str]:
    statement = f"""
        select n.name from pel.{names} n join pel.{links} using ({key}) join pel.films f using (film_id)
        where f.title = %s order by 1
    """
    return [name for (name,) in warehouse.rows(statement, [title])]


def test_a_run_counts_what_it_did(warehouse: Warehouse) -> None:
    assert counts(take_in(ALIEN, BROKEN, AMOUR)) == (3, 2, 0, 0, 1)
    dated = AMOUR.model_copy(update={"release_date": date(2012, 9, 20), "release_precision": "day"})
    run = take_in(ALIEN, dated, a_film("Prometheus"), BROKEN, BROKEN)
    assert counts(run) == (5, 1, 1, 1, 2)
    kept = warehouse.rows(
        "select ingest_run_id, records_read, inserted, updated, unchanged, rejected, state, error from pel.ingest_runs "
        "order by 1"
    )
    assert kept == [(1, 3, 2, 0, 0, 1, "succeeded", None), (2, 5, 1, 1, 1, 2, "succeeded", None)]


def test_the_demo_is_counted(demo: Warehouse) -> None:
    assert demo.rows("select records_read, inserted, rejected from pel.ingest_runs") == [(17_472, 17_464, 8)]
    kinds = "select split_part(reason, ':', 1), count(*) from pel.rejected_records group by 1 order by 1"
    assert demo.rows(kinds) == [("box_office.dollars", 6), ("key", 2)]


def test_the_same_again_writes_nothing(warehouse: Warehouse) -> None:
    records = [ALIEN, AMOUR, a_film("Untitled")]
    take_in(*records)
    warehouse.rows("delete from pel.stale_films; delete from pel.stale_histories")
    before = contents(warehouse, with_xmin=True)
    assert counts(take_in(*reversed(records))) == (3, 0, 0, 3, 0)
    assert contents(warehouse, with_xmin=True) == before


def test_an_empty_source_takes_nothing_away(warehouse: Warehouse) -> None:
    take_in(ALIEN)
    before = contents(warehouse)
    assert counts(take_in()) == (0, 0, 0, 0, 0)
    assert contents(warehouse) == before


def test_an_equal_load_gives_equal_numbers(
    warehouse: Warehouse, copy_database: Callable[[str], Warehouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    records: list[Film | Reject] = [
        AMOUR,
        ALIEN,
        a_film("Untitled"),
        BROKEN,
        a_film("Aliens", "1986-07-18", directors=["James Cameron"]),
    ]
    take_in(*records)
    other = copy_database("pel")
    monkeypatch.setenv("PEL_DATABASE_URL", other.url())
    take_in(*records)
    assert contents(other) == contents(warehouse)


def test_a_changed_record_changes_that_film_alone(warehouse: Warehouse) -> None:
    take_in(ALIEN, AMOUR)
    others = "select xmin::text, * from pel.films where title <> 'Alien'"
    before = warehouse.rows(others)
    recut = ALIEN.model_copy(update={"runtime_minutes": 116, "title": "Alien"})
    assert counts(take_in(recut, AMOUR)) == (2, 0, 1, 1, 0)
    assert warehouse.rows(others) == before
    told = """
        select film_id, runtime_minutes, array_agg(ingest_run_id order by ingest_run_id)
        from pel.films join pel.film_records using (film_id)
        where films.title = 'Alien'
        group by 1, 2
    """
    assert warehouse.rows(told) == [(1, 116, [1, 2])]


def test_a_changed_record_takes_the_place_of_all_that_was_said(warehouse: Warehouse) -> None:
    take_in(ALIEN, AMOUR)
    take_in(
        a_film(
            "Alien",
            "1979-06-22",
            directors=["James Cameron"],
            cast=["Sigourney Weaver", "Bill Paxton"],
            dollars=5,
            genres=["Action", "Horror"],
            languages=["French"],
        )
    )
    people = (
        "select c.role, p.name from pel.credits c join pel.people p using (person_id) where film_id = 1 order by 1, 2"
    )
    assert warehouse.rows(people) == [
        ("cast", "Bill Paxton"),
        ("cast", "Sigourney Weaver"),
        ("director", "James Cameron"),
    ]
    assert names_of(warehouse, "Alien", "genres", "film_genres", "genre_id") == ["Action", "Horror"]
    assert names_of(warehouse, "Alien", "languages", "film_languages", "language_id") == ["French"]
    assert names_of(warehouse, "Alien", "companies", "film_companies", "company_id") == []
    figures = "select dollars, known_on from pel.box_office where film_id = 1"
    assert warehouse.rows(figures) == [(Decimal(5), date(1979, 6, 22) + timedelta(180))]
    assert warehouse.rows("select count(*) from pel.ratings where film_id = 1") == [(0,)]


def test_a_figure_is_known_when_it_has_settled(warehouse: Warehouse) -> None:
    take_in(AMOUR, settle_days=90)
    assert warehouse.rows("select known_on, observed_on from pel.ratings") == [(date(2013, 3, 31), None)]


def test_another_settling_time_moves_the_day(warehouse: Warehouse) -> None:
    take_in(ALIEN, AMOUR, settle_days=180)
    assert counts(take_in(ALIEN, AMOUR, settle_days=30)) == (2, 0, 2, 0, 0)
    known = "select known_on from pel.box_office union select known_on from pel.ratings order by 1"
    assert warehouse.rows(known) == [(date(1979, 6, 24),), (date(2013, 1, 30),)]


def test_an_observed_rating_is_known_on_its_day(warehouse: Warehouse) -> None:
    take_in(a_film("Alien", "1979-05-25", rating=8, observed_on="1979-07-01"))
    assert warehouse.rows("select known_on, observed_on from pel.ratings") == [(date(1979, 7, 1), date(1979, 7, 1))]


@pytest.mark.parametrize(
    ("observed_on", "known_on"),
    [
        pytest.param(date(1979, 7, 1), date(1979, 11, 21), id="a running total counts once it has settled"),
        pytest.param(date(1979, 11, 21), date(1979, 11, 21), id="on the day on which it has settled"),
        pytest.param(date(2003, 10, 31), date(2003, 10, 31), id="a later one from its own day"),
    ],
)
def test_an_observed_box_office_is_known_on_its_day_or_when_it_has_settled(
    warehouse: Warehouse, observed_on: date, known_on: date
) -> None:
    take_in(a_film("Alien", "1979-05-25", dollars=7, observed_on=str(observed_on)))
    assert warehouse.rows("select known_on, observed_on from pel.box_office") == [(known_on, observed_on)]


def test_observed_figures_add_up_to_a_history(warehouse: Warehouse) -> None:
    for observed_on, dollars in (("1979-07-01", 7), ("1979-06-01", 3), ("1979-07-01", 8)):
        take_in(a_film("Alien", "1979-05-25", dollars=dollars, observed_on=observed_on))
    history = warehouse.rows("select observed_on, dollars from pel.box_office order by 1")
    assert history == [(date(1979, 6, 1), Decimal(3)), (date(1979, 7, 1), Decimal(8))]


def test_a_film_without_a_date_is_kept_without_its_figures(warehouse: Warehouse) -> None:
    take_in(a_film("Untitled", dollars=5, rating=5))
    assert warehouse.rows("select title from pel.films") == [("Untitled",)]
    assert warehouse.rows("select 1 from pel.ratings union all select 1 from pel.box_office") == []


def test_of_two_records_with_one_key_the_first_counts(warehouse: Warehouse) -> None:
    second = ALIEN.model_copy(update={"title": "Alien, again"})
    assert counts(take_in(ALIEN, second)) == (2, 1, 0, 0, 1)
    assert warehouse.rows("select title from pel.films") == [("Alien",)]
    ((reason, raw),) = warehouse.rows("select reason, raw from pel.rejected_records")
    assert "key" in reason
    assert "Alien, again" in raw


def test_a_key_means_nothing_in_another_source(warehouse: Warehouse) -> None:
    take_in(ALIEN)
    other = a_film("Alien", "1979-05-25", directors=["Luis Buñuel"])
    assert counts(take_in(other, source="elsewhere")) == (1, 1, 0, 0, 0)
    told = "select source, source_key, film_id from pel.film_records order by film_id"
    assert warehouse.rows(told) == [(SOURCE, "Alien", 1), ("elsewhere", "Alien", 2)]


def test_a_reject_is_kept_once_and_says_when_it_came_last(warehouse: Warehouse) -> None:
    for _ in range(3):
        assert counts(take_in(BROKEN, BROKEN)) == (2, 0, 0, 0, 2)
    kept = warehouse.rows("select reason, raw, first_ingest_run_id, last_ingest_run_id from pel.rejected_records")
    assert kept == [(BROKEN.reason, BROKEN.raw, 1, 3)]


def test_a_reject_may_be_longer_than_an_index_holds(warehouse: Warehouse) -> None:
    raw = "".join(chr(0x4E00 + n % 20_000) for n in range(100_000))
    take_in(Reject(reason=raw, raw=raw))
    assert warehouse.rows("select raw, reason from pel.rejected_records") == [(raw, raw)]


@pytest.mark.parametrize(
    "text",
    [
        "'; drop table pel.films; --",
        "\"quoted\" and 'quoted'",
        "back\\slash \\N \\. \\t",
        "100% %s %(source)s",
        "{names} {} {0}",
        "two\nlines\tand a tab\r",
        "😀 مرحبا \u202eright to left\u202c",
        "Ame\u0301lie is not Am\u00e9lie",
        "null",
        "\\.",
    ],
)
def test_text_arrives_to_the_letter(warehouse: Warehouse, text: str) -> None:
    wrapped = f"<{text}>"
    take_in(a_film(wrapped, directors=[wrapped], genres=[wrapped]), Reject(reason=text, raw=text))
    assert warehouse.rows("select source_key, title from pel.films join pel.film_records using (film_id)") == [
        (wrapped, wrapped)
    ]
    assert warehouse.rows("select name from pel.people union all select name from pel.genres") == [(wrapped,)] * 2
    assert warehouse.rows("select reason, raw from pel.rejected_records") == [(text, text)]


def test_every_fact_is_compared(warehouse: Warehouse) -> None:
    tables = warehouse.rows("select tablename::text from pg_tables where schemaname = 'pel'")
    of_models = {"model_versions", "promotions", "training_looks", "predictions", "publications", "explanations"}
    computed = {"film_attributes", "film_events", "suspicious_values", "refreshes"}
    settings = {"trust", "plausibility_rules", "schema_migrations"}
    supposed = {"replays", "replay_predictions", "scenarios", "scenario_predictions"}
    others = of_models | computed | settings | supposed | {"ingest_runs"}
    assert {name for (name,) in tables} - others == set(FACTS)
