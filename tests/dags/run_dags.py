"""Runs DAGs to their end in this process, as Airflow would for an asset event, and prints what became of their tasks.

Usage: python run_dags.py CONF_AS_JSON MARKED DAG_ID...
The task MARKED, if any, is not run but marked as success, as an operator does in the UI.
"""

import json
import sys
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

DAGS = Path(__file__).resolve().parents[2] / "dags"


def main(conf: str, marked: str, *dag_ids: str) -> None:
    bag = DagBag(DAGS)
    states: dict[str, dict[str, list[str]]] = {dag_id: {} for dag_id in dag_ids}
    for dag_id in dag_ids:
        dag = bag.get_dag(dag_id)
        dag.deadline = None  # a scheduler looks after it, and there is none here
        run = dag.test(logical_date=None, run_conf=json.loads(conf), mark_success_pattern=marked)
        for task in run.get_task_instances():
            states[dag_id].setdefault(task.task_id, []).append(str(task.state))
    print("RESULT", json.dumps(states))


if __name__ == "__main__":
    main(*sys.argv[1:])
