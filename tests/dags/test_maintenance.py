"""What an operator starts, and what keeps an installation small, run by Airflow."""

import os
import time
from datetime import timedelta
from pathlib import Path

import psycopg

from pel.training.thresholds import KEEP_DAYS
from tests.candidates import finetuned, fitted_again
from tests.chain import AS_OF
from tests.conftest import PASSWORDS, Trained
from tests.dags.test_approval import champion_now

RUN_OF_LONG_AGO = """
    insert into dag_run (dag_id, run_id, run_type, start_date, run_after, state, queued_at)
    values ('maintenance', %(run_id)s, 'manual', now() - interval '1 year', now() - interval '1 year', 'success', now())
"""


def test_a_roll_back_from_the_form_changes_the_champion_and_tells_the_forecasts(trained: Trained, run_dags) -> None:
    first = finetuned(trained)
    trained.warehouse.rows(
        "insert into pel.model_versions select 'second', kind, as_of, pretrained_version, code_version, data_sha256, "
        "parameters, metrics, artifact_url, artifact_sha256 from pel.model_versions where model_version = %s", [first]
    )  # fmt: skip
    promote = "insert into pel.promotions (as_of, model_version, promoted, reason) values (%s, 'second', true, '')"
    trained.warehouse.rows(promote, [AS_OF])
    tasks, _ = run_dags(trained.warehouse, "roll_back", version=None, as_of=None)
    assert tasks["roll_back"] == {"go_back": ["success"], "announce": ["success"]}
    assert champion_now() == first
    (newest,) = trained.warehouse.rows(
        "select decided_by, reason from pel.promotions order by promotion_id desc limit 1"
    )
    assert newest == ("dag_test", "rolled back from second by dag_test")


def test_what_is_old_is_removed_from_models_airflow_and_logs(
    trained: Trained, run_dags, airflow_environment: dict[str, str], tmp_path: Path
) -> None:
    first, metadata = finetuned(trained), airflow_environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    url = metadata.replace("+psycopg2", "")
    nobodys = trained.artifacts / fitted_again(trained, "finetuned-of-nobody")
    for path in nobodys.rglob("*"):
        os.utime(path, (time.time() - 30 * 24 * 3600,) * 2)
    log = Path(airflow_environment["AIRFLOW_HOME"]) / "logs" / "old.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("long ago")
    os.utime(log, (0, 0))
    with psycopg.connect(url) as connection:
        connection.execute(RUN_OF_LONG_AGO, {"run_id": "old"})
    later = AS_OF + timedelta(days=2 * KEEP_DAYS)
    tasks, output = run_dags(
        trained.warehouse, "maintenance", settings={"AIRFLOW_CONN_AIRFLOW_METADATA": url}, as_of=later.isoformat()
    )
    assert set(map(tuple, tasks["maintenance"].values())) == {("success",)}
    assert not nobodys.exists()
    assert (trained.artifacts / first).exists()
    assert not log.exists()
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from dag_run where run_id = 'old'").fetchone() == (0,)
        assert connection.execute(
            "select count(*) from dag_run where start_date > now() - interval '1 day'"
        ).fetchone() > (0,)
    assert PASSWORDS["airflow"] not in output
