"""What Airflow reads out of the DAG files."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pel.settings import PROJECT
from tests.conftest import Warehouse

CHAIN = ["ingest_releases", "temporal_deltas", "pretrain_ratings", "finetune_box_office", "publish_predictions"]
REPLAY = "replay_history"
BESIDE_IT = ["maintenance", REPLAY, "roll_back", "score_scenarios"]
TAGS = {"pel", "data", "training", "forecasts", "maintenance"}


@pytest.fixture(scope="session")
def _read(airflow_environment: dict[str, str]) -> dict[str, Any]:
    return {}


@pytest.fixture
def read(_read: dict[str, Any], run_python) -> dict[str, Any]:
    if not _read:
        _read.update(run_python("read_dags.py")[0])
    return _read


def test_every_dag_is_read_without_an_error(read: dict[str, Any]) -> None:
    assert read["errors"] == {}
    assert sorted(read["dags"]) == sorted(CHAIN + BESIDE_IT)


@pytest.mark.parametrize("file", sorted((PROJECT / "dags").glob("*.py")), ids=lambda file: file.stem)
def test_a_dag_file_opens_no_connection_and_holds_no_password(file: Path) -> None:
    text = file.read_text()
    assert not re.search(r"psycopg|sqlalchemy|connect\(|://|os\.environ|password *=", text)
    assert set(re.findall(r'(?:conn_id=|Connection\.get\()"(\w+)"', text)) <= {"airflow_metadata", "warehouse", "tmdb"}


def test_reading_them_imports_nothing_heavy(read: dict[str, Any]) -> None:
    assert read["heavy"] == []


def test_each_dag_announces_what_the_next_one_waits_for(read: dict[str, Any]) -> None:
    for dag_id, follower in pairwise(CHAIN):
        assert read["dags"][dag_id]["outlets"] == read["dags"][follower]["assets"]


def test_a_roll_back_announces_what_forecasts_wait_for_and_runs_only_by_hand(read: dict[str, Any]) -> None:
    roll_back = read["dags"]["roll_back"]
    assert roll_back["outlets"] == read["dags"]["publish_predictions"]["assets"]
    assert roll_back["schedule"] == "NullTimetable"


def test_a_time_schedule_stands_behind_every_asset(read: dict[str, Any]) -> None:
    schedules = [read["dags"][dag_id]["schedule"] for dag_id in CHAIN]
    assert schedules == ["CronTriggerTimetable"] + ["AssetOrTimeSchedule"] * 4


def test_no_dag_makes_up_for_missed_days_or_runs_beside_itself(read: dict[str, Any]) -> None:
    for dag in read["dags"].values():
        assert (dag["catchup"], dag["max_active_runs"]) == (False, 1)


def test_every_dag_tells_when_it_fails_or_is_late(read: dict[str, Any]) -> None:
    for dag in read["dags"].values():
        assert dag["when_it_fails"] == "tell_of_failure"
        assert dag["when_it_is_late"] == ["pel.notices.tell_of_delay"]


def test_every_dag_says_what_it_does_when_it_runs_and_what_to_do_when_it_is_red(read: dict[str, Any]) -> None:
    for dag in read["dags"].values():
        assert dag["doc"].lstrip().startswith("### ")
        assert "**Runs**" in dag["doc"]
        assert "**When it is red**" in dag["doc"]
        assert set(dag["tags"]) <= TAGS


def test_every_field_of_a_trigger_form_has_a_title_and_an_explanation(read: dict[str, Any]) -> None:
    assert all("as_of" in read["dags"][dag_id]["params"] for dag_id in CHAIN)
    assert set(read["dags"][REPLAY]["params"]) == {"from", "to", "every", "force"}
    for dag in read["dags"].values():
        for param in dag["params"].values():
            assert param["title"]
            assert param["description"]


def test_the_past_is_replayed_when_someone_asks_and_nightly_training_goes_first(read: dict[str, Any]) -> None:
    assert (read["dags"][REPLAY]["schedule"], read["dags"][REPLAY]["outlets"]) == ("NullTimetable", [])
    replay = read["dags"][REPLAY]["tasks"]["replay"]
    assert replay["pool"] == "training"
    nightly = read["dags"]["pretrain_ratings"]["tasks"]["pretrain"]
    assert replay["priority"] < nightly["priority"]


def test_training_tasks_share_a_pool_and_those_for_a_gpu_a_pool_and_a_queue_of_their_own(read: dict[str, Any]) -> None:
    training = {
        task_id: task
        for dag_id in ("pretrain_ratings", "finetune_box_office")
        for task_id, task in read["dags"][dag_id]["tasks"].items()
        if task_id.startswith(("pretrain", "finetune"))
    }
    assert len(training) == 4
    for task_id, task in training.items():
        expected = ("gpu", "gpu") if task_id.endswith("_on_gpu") else ("training", "default")
        assert (task["pool"], task["queue"]) == expected


def test_the_form_for_a_scenario_asks_for_what_a_planner_may_set(read: dict[str, Any], warehouse: Warehouse) -> None:
    columns = warehouse.rows(
        "select column_name from information_schema.column_privileges where grantee = 'pel_planner' "
        "and table_name = 'scenarios' and privilege_type = 'INSERT'",
        role="pel_planner",
    )
    assert set(read["dags"]["score_scenarios"]["params"]) == {name for (name,) in columns}
