"""Runs a DAG as run_dags.py does, answers what it asks a person, and prints what became of its tasks, and their notes.

Usage: python run_and_answer.py CONF_AS_JSON DAG_ID [ANSWER]
The answer comes as from the UI: over the REST API, while the run waits.
"""

import json
import sys
import threading
import time

from airflow.api_fastapi.app import create_app
from airflow.dag_processing.dagbag import DagBag
from airflow.listeners.listener import get_listener_manager
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from fastapi import FastAPI
from fastapi.testclient import TestClient
from run_dags import DAGS
from sqlalchemy import select


def main(conf: str, dag_id: str, answer: str = "") -> None:
    if answer:
        # made before the thread starts: two threads that import Airflow's models at once wait for each other for good
        app = create_app()
        threading.Thread(target=give, args=[app, answer], daemon=True).start()
    dag = DagBag(DAGS).get_dag(dag_id)
    dag.deadline = None  # a scheduler looks after it, and there is none here
    run = dag.test(logical_date=None, run_conf=json.loads(conf))
    with create_session() as session:
        # as the scheduler does at the end of a run; after DAG.test() no note was seen
        ended = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run.run_id))
        get_listener_manager().hook.on_dag_run_success(dag_run=ended, msg="ended")
        session.flush()
        tasks = session.scalars(select(TaskInstance).where(TaskInstance.run_id == run.run_id)).all()
        found = {task.task_id: [str(task.state), task.note] for task in tasks}
    print("RESULT", json.dumps(found))


def give(app: FastAPI, answer: str) -> None:
    with TestClient(app, base_url="http://testserver") as client:
        token = client.get("/auth/token").json()["access_token"]
        asked = wait_for_question()
        address = f"/api/v2/dags/{asked.dag_id}/dagRuns/{asked.run_id}/taskInstances/{asked.task_id}/-1/hitlDetails"
        answered = client.patch(
            address, json={"chosen_options": [answer]}, headers={"Authorization": f"Bearer {token}"}
        )
        print(answered.status_code, answered.text)


def wait_for_question() -> TaskInstance:
    """The task that waits for an answer; without one, the run waits for as long as the test may last."""
    waiting = (
        select(TaskInstance)
        .join(HITLDetail, HITLDetail.ti_id == TaskInstance.id)
        .where(HITLDetail.responded_at.is_(None), TaskInstance.state == "awaiting_input")
    )
    while True:
        with create_session() as session:
            if task := session.scalar(waiting):
                session.expunge(task)
                return task
        time.sleep(0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
