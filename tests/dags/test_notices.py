"""Who is told of a run that fails: the DAG itself, run by Airflow, and a web server that gets the notice."""

from tests.conftest import Warehouse
from tests.receivers import webhook

BROKEN = {"source": "kaggle", "location": "/nowhere/archive.zip", "as_of": "2014-01-01"}


def test_a_run_that_fails_tells_where_from_which_date_and_what_to_do(warehouse: Warehouse, run_dags) -> None:
    with webhook() as (address, notices):
        told = {"PEL_NOTIFY": f"json://ann:hunter2@{address}", "AIRFLOW__API__BASE_URL": "http://airflow.example"}
        tasks, log = run_dags(warehouse, "ingest_releases", settings=told, **BROKEN)
    assert tasks["ingest_releases"]["ingest"] == ["failed"]
    (notice,) = notices
    assert notice["title"] == "P-EL: ingest_releases, task ingest failed"
    assert "Looked from: 2014-01-01\n" in notice["message"]
    assert "Log: http://airflow.example/dags/ingest_releases/runs/" in notice["message"]
    assert "at ingest: the source could not be read; the log says what and why." in notice["message"]
    assert "hunter2" not in log
