"""Runs one DAG to its end in this process, as Airflow would for an asset event, and prints what became of its tasks.

Usage: python run_dag.py DAG_ID CONF_AS_JSON
"""

import json
import sys
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).resolve().parents[2] / "dags"


def main(dag_id: str, conf: str) -> None:
    dag = DagBag(DAGS).get_dag(dag_id)
    run = dag.test(logical_date=None, run_conf=json.loads(conf))
    states: dict[str, list[str]] = {}
    for task in run.get_task_instances():
        states.setdefault(task.task_id, []).append(str(task.state))
    print("RESULT", json.dumps({"state": str(run.state), "tasks": states}))


if __name__ == "__main__":
    main(*sys.argv[1:])
