"""Reads the DAGs as Airflow's processor does, and prints what they are and which heavy libraries that imported."""

import json
import sys
from pathlib import Path

from airflow.dag_processing.dagbag import DagBag

HEAVY = {"torch", "sklearn", "xgboost", "lightgbm", "catboost", "pandas"}


def main() -> None:
    before = set(sys.modules)
    bag = DagBag(Path(__file__).resolve().parents[2] / "dags")
    dags = {
        dag.dag_id: {
            "doc": dag.doc_md or "",
            "tags": sorted(dag.tags),
            "tasks": {
                task.task_id: {
                    "pool": task.pool,
                    "priority": task.priority_weight,
                    "queue": task.queue,
                    "retries": task.retries,
                }
                for task in dag.tasks
            },
            "params": {
                name: {"title": param.schema.get("title"), "description": param.description}
                for name, param in ((name, dag.params.get_param(name)) for name in dag.params)
            },
            "schedule": type(dag.timetable).__name__,
            "assets": [asset.name for asset in getattr(dag.timetable.asset_condition, "objects", [])],
            "outlets": [asset.name for task in dag.tasks for asset in task.outlets],
            "catchup": dag.catchup,
            "max_active_runs": dag.max_active_runs,
            "when_it_fails": getattr(dag.on_failure_callback, "__name__", None),
            "when_it_is_late": [alert.callback.path for alert in dag.deadline or []],
        }
        for dag in bag.dags.values()
    }
    heavy = sorted(HEAVY & (set(sys.modules) - before))
    print("RESULT", json.dumps({"errors": bag.import_errors, "heavy": heavy, "dags": dags}))


if __name__ == "__main__":
    main()
