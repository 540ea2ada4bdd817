"""What if? A scenario is forecast as the film would be if it were so, and leaves nothing but its answer."""

from datetime import date, timedelta
from typing import Any

import pytest

from pel.features.films import refresh
from pel.forecasts.publish import publish
from pel.forecasts.scenarios import score
from pel.sources import Film
from tests.chain import AS_OF
from tests.conftest import Trained, Warehouse, contents
from tests.films import a_film, take_in

# two stars of some renown and a film of theirs, made up so that each kind of name is there
PAST = [
    a_film(f"Hit {n}", f"198{n}-03-01", directors=["Anna Dee"], cast=["Ben Star", "Cleo Star"], dollars=2e8, rating=8,
           companies=["Big Pictures"], genres=["Drama"], collections=["Hits"])
    for n in range(4)
]  # fmt: skip
COMING = a_film(
    "Coming", "1985-06-01", directors=["Anna Dee"], cast=["Cleo Star", "Nobody Else"], companies=["Small Pictures"],
    genres=["Drama"], budget=30_000_000,
)  # fmt: skip
ASKED = "insert into scenarios ({}) values ({}) returning scenario_id"
SAID = (
    "log10_dollars low_50 high_50 low_80 high_80 low_95 high_95 "
    "passes_10m passes_50m passes_100m passes_500m passes_budget release_date release_precision model_version as_of"
)


def ask(warehouse: Warehouse, **scenario: Any) -> int:
    columns, places = ", ".join(scenario), ", ".join(["%s"] * len(scenario))
    ((scenario_id,),) = warehouse.rows(ASKED.format(columns, places), list(scenario.values()), role="pel_planner")
    return scenario_id


def answer(warehouse: Warehouse, scenario_id: int, columns: str) -> tuple:
    (row,) = warehouse.rows(f"select {columns} from scenario_predictions where scenario_id = %s", [scenario_id])
    return row


def error(warehouse: Warehouse, scenario_id: int) -> str:
    return answer(warehouse, scenario_id, "error")[0]


def film(warehouse: Warehouse, title: str) -> int:
    ((film_id,),) = warehouse.rows("select film_id from pel.films where title = %s", [title])
    return film_id


@pytest.fixture
def planned(trained: Trained) -> Warehouse:
    """A trained database with a film to come that everything is known of, and its forecast."""
    take_in(*PAST, COMING)
    publish(AS_OF)
    return trained.warehouse


def said_of(warehouse: Warehouse, table: str, key: str, number: int) -> tuple:
    columns = SAID.replace(" ", ", ")
    (row,) = warehouse.rows(f"select {columns} from pel.{table} where {key} = %s", [number])
    return row


def test_a_scenario_that_changes_nothing_is_the_films_forecast_to_the_last_bit(trained: Trained) -> None:
    upcoming = trained.warehouse.rows("select film_id from upcoming_predictions order by film_id")
    assert len(upcoming) > 100
    asked = "insert into scenarios (film_id) select film_id from upcoming_predictions order by film_id"
    trained.warehouse.rows(asked, role="pel_planner")
    assert score() == len(upcoming)
    columns = ", ".join(f"p.{name}, s.{name}" for name in SAID.split())
    rows = trained.warehouse.rows(
        f"select p.log10_dollars, s.base_log10_dollars, {columns} from pel.scenario_predictions s "
        "join scenarios asked using (scenario_id) join pel.predictions p on p.film_id = asked.film_id "
        "and p.as_of = s.as_of and p.model_version = s.model_version"
    )
    assert len(rows) == len(upcoming)
    for row in rows:
        assert row[::2] == row[1::2]


def test_so_is_one_that_says_what_the_film_has(trained: Trained) -> None:
    films = trained.warehouse.rows(
        """
        select film_id, p.release_date,
               (select dollars from pel.budgets where film_id = p.film_id limit 1),
               (select array_agg(name order by person_id desc) from pel.credits join pel.people using (person_id)
                where film_id = p.film_id and role = 'director'),
               (select array_agg(upper(name) order by person_id desc) from pel.credits join pel.people using (person_id)
                where film_id = p.film_id and role = 'cast'),
               coalesce((select array_agg(name) from pel.film_genres join pel.genres using (genre_id)
                where film_id = p.film_id), '{}'),
               (select array_agg(name) from pel.film_companies join pel.companies using (company_id)
                where film_id = p.film_id),
               coalesce((select min(name) from pel.film_collections join pel.collections using (collection_id)
                where film_id = p.film_id), '')
        from upcoming_predictions p
        where film_id not in (select film_id from pel.film_collections group by film_id having count(*) > 1)
        """
    )
    names = ["film_id", "release_date", "budget", "directors", "cast_members", "genres", "companies", "collection"]
    asked = {
        film_id: ask(trained.warehouse, **dict(zip(names, (film_id, *has), strict=True))) for film_id, *has in films
    }
    score()
    for film_id, scenario_id in asked.items():
        assert error(trained.warehouse, scenario_id) is None
        expected = said_of(trained.warehouse, "predictions", "film_id", film_id)
        assert said_of(trained.warehouse, "scenario_predictions", "scenario_id", scenario_id) == expected


CHANGES = {
    "date": ({"release_date": date(1985, 7, 4)}, {"release_date": "1985-07-04"}),
    "budget": ({"budget": 60_000_000}, {"budget": 60_000_000}),
    "lead": ({"cast_members": ["Ben Star", "Nobody Else"]}, {"cast": [{"name": "Ben Star"}, {"name": "Nobody Else"}]}),
    "newcomer": ({"directors": []}, {"directors": [{"name": "Someone New"}]}),
    "company": ({"companies": ["BIG PICTURES"]}, {"companies": ["Big Pictures"]}),
    "genre": ({"genres": ["comedy"]}, {"genres": ["Comedy"]}),
    "series": ({"collection": "Hits"}, {"collections": ["Hits"]}),
    "all": (
        {"release_date": date(1985, 7, 4), "budget": 90_000_000, "directors": ["Cleo Star"], "cast_members": []},
        {"release_date": "1985-07-04", "budget": 90_000_000, "directors": [{"name": "Cleo Star"}],
         "cast": [{"name": "Someone New"}]},
    ),
}  # fmt: skip


# The model has never seen a budget or a series, and the two stars were in the same films.
UNSEEN = {"budget", "lead", "series"}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_moves_the_forecast_as_if_the_film_were_so(
    planned: Warehouse, change: str, copy_database, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario, facts = CHANGES[change]
    asked = ask(planned, film_id=film(planned, "Coming"), **scenario)
    changed = copy_database(planned.database)
    score()
    monkeypatch.setenv("PEL_DATABASE_URL", changed.url())
    for table in ("explanations", "predictions"):
        changed.rows(f"alter table pel.{table} disable trigger user", role="pel_owner")
        changed.rows(f"delete from pel.{table}", role="pel_owner")
    take_in(Film.model_validate(COMING.model_dump() | facts))
    publish(AS_OF)
    expected = said_of(changed, "predictions", "film_id", film(changed, "Coming"))
    assert said_of(planned, "scenario_predictions", "scenario_id", asked) == expected
    assert answer(planned, asked, "factor <> 1") == (change not in UNSEEN,)


def test_a_film_that_does_not_exist_yet_is_forecast_like_one_that_does(planned: Warehouse) -> None:
    asked = ask(
        planned, title="Mine", release_date=date(1985, 6, 1), budget=30_000_000, directors=["Anna Dee"],
        cast_members=["Cleo Star", "Nobody Else"], genres=["Drama"], companies=["Small Pictures"],
    )  # fmt: skip
    bare = ask(planned, release_date=date(1985, 6, 1))
    score()
    assert answer(planned, asked, "title, film_id, base_dollars, factor, error") == ("Mine", None, None, None, None)
    assert answer(planned, asked, "predicted_dollars > 1e6, predicted_dollars > low_80_dollars") == (True, True)
    assert answer(planned, bare, "predicted_dollars > 1, passes_budget, error") == (True, None, None)


def test_one_question_has_one_answer_whatever_it_leaves_out(planned: Warehouse) -> None:
    asked = [ask(planned, release_date=date(1985, 6, 1), genres=["Drama"]) for _ in range(3)]
    score()
    assert len({said_of(planned, "scenario_predictions", "scenario_id", number) for number in asked}) == 1


def test_nobody_sees_what_was_supposed(planned: Warehouse) -> None:
    film_id = film(planned, "Coming")
    refresh(AS_OF + timedelta(days=20))
    for scenario, _ in CHANGES.values():
        ask(planned, film_id=film_id, **scenario)
    ask(planned, release_date=date(1985, 6, 1), cast_members=["Ben Star", "A Newcomer"])
    before = contents(planned)
    score()
    after = contents(planned)
    assert len(after.pop("scenario_predictions")) == len(CHANGES) + 1
    assert before.pop("scenario_predictions") == []
    assert after == before


WRONG = {
    "unknown film": ({"film_id": 987654321}, "there is no film 987654321"),
    "no date": ({"title": "Mine"}, "needs a release_date"),
    "as_of": ({"release_date": AS_OF}, "not after as_of"),
    "too far": ({"release_date": AS_OF + timedelta(days=366)}, "365 days from as_of, to 1986-01-01"),
    "never": ({"release_date": "infinity"}, "infinity"),
    "negative": ({"release_date": "1985-06-01", "budget": -5}, "budget is -5.00"),
    "nan": ({"release_date": "1985-06-01", "budget": "NaN"}, "budget is NaN"),
    "unknown cast": ({"release_date": "1985-06-01", "cast_members": ["Qwerty Uiop"]}, "(cast): Qwerty Uiop"),
    "empty name": ({"release_date": "1985-06-01", "directors": ["Anna Dee", " "]}, "a name is empty (director)"),
    "no name": ({"release_date": "1985-06-01", "directors": [None]}, "a name is empty (director)"),
    "unknown genre": ({"release_date": "1985-06-01", "genres": ["Drama", "Dramma"]}, "(genre): Dramma"),
    "unknown series": ({"release_date": "1985-06-01", "collection": "Hitz"}, "(collection): Hitz"),
    "unpublished": (
        {"release_date": "1985-06-01", "as_of": date(1980, 1, 1)},
        "nothing was published as of 1980-01-01",
    ),
}


def test_what_is_wrong_with_a_scenario_is_its_answer_and_stops_no_other(planned: Warehouse) -> None:
    asked = {name: ask(planned, **scenario) for name, (scenario, _) in WRONG.items()}
    released = ask(planned, film_id=film(planned, "Hit 3"))
    good = ask(planned, film_id=film(planned, "Coming"), budget=1_000_000)
    score()
    for name, (_, reason) in WRONG.items():
        assert reason in error(planned, asked[name])
    assert '"Hit 3" came out on 1983-03-01' in error(planned, released)
    assert answer(planned, good, "error, predicted_dollars > 1") == (None, True)


def test_a_name_that_nobody_has_is_a_newcomer_and_is_told(planned: Warehouse) -> None:
    asked = ask(planned, film_id=film(planned, "Coming"), cast_members=["cleo star", "Bem Star"])
    score()
    assert answer(planned, asked, "error, newcomers") == (None, ["Bem Star"])


def test_of_several_of_one_name_it_is_the_one_in_the_film_else_the_one_with_the_most_films(planned: Warehouse) -> None:
    before = ask(planned, film_id=film(planned, "Coming"), cast_members=["Ben Star"])
    score()
    other = {"key": "Other", "title": "Other", "release_date": "1985-07-01"}
    take_in(Film.model_validate(COMING.model_dump() | other | {"cast": [{"name": "Ben Star", "key": "tmdb:1"}]}))
    after = ask(planned, film_id=film(planned, "Coming"), cast_members=["Ben Star"])
    own = ask(planned, film_id=film(planned, "Other"), cast_members=["Ben Star"])
    score()
    said = "predicted_log10_dollars"
    assert answer(planned, after, said) == answer(planned, before, said)
    assert answer(planned, own, said) == answer(planned, own, "base_log10_dollars")


def test_a_scenario_is_answered_once(planned: Warehouse) -> None:
    ask(planned, film_id=film(planned, "Coming"), budget=1_000_000)
    assert score() == 1
    before = planned.rows("select * from pel.scenario_predictions")
    assert score() == 0
    assert planned.rows("select * from pel.scenario_predictions") == before


def test_before_anything_is_published_scenarios_wait(demo: Warehouse) -> None:
    asked = ask(demo, release_date=date(1985, 6, 1))
    assert score() == 0
    assert answer(demo, asked, "error, scored_at") == (None, None)


def test_a_sweep_is_one_statement(planned: Warehouse) -> None:
    sweep = (
        "insert into scenarios (film_id, release_date) select %s, day::date "
        "from generate_series(date '1985-01-04', date '1985-12-27', interval '1 week') day"
    )
    planned.rows(sweep, [film(planned, "Coming")], role="pel_planner")
    assert score() == 52
    rows = planned.rows("select release_date, factor from scenario_predictions order by release_date")
    assert len({factor for _, factor in rows}) > 5


def test_a_past_as_of_is_answered_by_the_model_shown_for_it(planned: Warehouse) -> None:
    film_id = film(planned, "Coming")
    publish(AS_OF + timedelta(days=30))
    asked = [ask(planned, film_id=film_id, as_of=AS_OF), ask(planned, film_id=film_id)]
    score()
    for scenario_id, as_of in zip(asked, (AS_OF, AS_OF + timedelta(days=30)), strict=True):
        (expected,) = planned.rows(
            "select log10_dollars from pel.predictions where film_id = %s and as_of = %s", [film_id, as_of]
        )
        assert answer(planned, scenario_id, "predicted_log10_dollars, as_of") == (*expected, as_of)
