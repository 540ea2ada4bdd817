"""What a planner asks in SQL, or in the form, is answered by Airflow."""

from tests.conftest import Trained

WAITING = "select count(*) from scenario_predictions where scored_at is null"
FIELDS = (
    "film_id",
    "title",
    "release_date",
    "budget",
    "directors",
    "cast_members",
    "genres",
    "companies",
    "collection",
)
NOTHING = dict.fromkeys((*FIELDS, "as_of"))


def test_a_run_answers_what_waits_and_what_its_form_asks(trained: Trained, run_dags) -> None:
    asked = "insert into scenarios (film_id, budget) select min(film_id), 5e7 from upcoming_predictions"
    trained.warehouse.rows(asked, role="pel_planner")
    form = NOTHING | {"title": "Mine", "release_date": "1985-06-01", "genres": ["drama"], "budget": 2e7}
    tasks, _ = run_dags(trained.warehouse, "score_scenarios", **form)
    assert tasks["score_scenarios"] == {"score": ["success"]}
    rows = trained.warehouse.rows(
        "select title, error, created_by like 'dag_test %' from scenario_predictions order by scenario_id desc limit 1"
    )
    assert rows == [("Mine", None, True)]
    assert trained.warehouse.rows(WAITING) == [(0,)]


def test_a_wrong_scenario_leaves_the_run_green_and_an_idle_run_is_green_too(trained: Trained, run_dags) -> None:
    trained.warehouse.rows("insert into scenarios (film_id) values (987654321)", role="pel_planner")
    for _ in range(2):
        tasks, _ = run_dags(trained.warehouse, "score_scenarios", **NOTHING)
        assert tasks["score_scenarios"] == {"score": ["success"]}
    assert trained.warehouse.rows(WAITING) == [(0,)]
