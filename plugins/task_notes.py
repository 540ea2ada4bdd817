"""What a task pushes as its XCom ``note`` becomes its note in the UI when the run has ended.

Airflow 3.3 lets no task write a note: the Task SDK has no call for it, a task may not touch Airflow's tables, and the
REST API wants a login, which tasks should not have. The scheduler may, so it copies them.
"""

from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

KEY = "note"
# what Airflow's table holds
LONGEST = 1000


class TaskNotes:
    """Listens for the end of runs, whichever way they end."""

    @hookimpl
    def on_dag_run_success(self, dag_run: Any) -> None:
        """Write the notes of a run that succeeded."""
        write_notes(dag_run)

    @hookimpl
    def on_dag_run_failed(self, dag_run: Any) -> None:
        """Write the notes of a run that failed."""
        write_notes(dag_run)


def write_notes(dag_run: Any) -> None:
    """Write the notes that the tasks of a run left, but not over one that a person wrote."""
    # only the scheduler needs these, and every process of Airflow loads its plugins
    from airflow.models.xcom import XComModel
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None:  # of a run without a scheduler, as DAG.test() makes it
        return
    left = session.scalars(XComModel.get_many(key=KEY, run_id=dag_run.run_id, dag_ids=dag_run.dag_id))
    notes = {(xcom.task_id, xcom.map_index): XComModel.deserialize_value(xcom) for xcom in left}
    for task in dag_run.get_task_instances(session=session):
        note = notes.get((task.task_id, task.map_index))
        if note and not task.note:
            task.note = note[:LONGEST]


class TaskNotesPlugin(AirflowPlugin):
    """Makes the scheduler listen."""

    name = "task_notes"
    listeners = [TaskNotes()]  # noqa: RUF012
