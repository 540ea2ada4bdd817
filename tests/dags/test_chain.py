"""The DAGs themselves, run by Airflow on a real warehouse."""

from pathlib import Path

from pel.ensemble.configuration import BEST
from tests.chain import AS_OF
from tests.conftest import Trained, Warehouse
from tests.dags.test_dag_files import CHAIN

CONF = {"as_of": AS_OF.isoformat()}
# Nobody is asked, unless PEL_APPROVAL says so.
OF_APPROVAL = {"approve", "keep_answer"}
PREDICTED = "select film_id, as_of, log10_dollars from pel.predictions order by film_id"


def test_the_chain_of_dags_predicts_what_the_steps_predict_by_themselves(
    demo: Warehouse, trained_once: Trained, run_dags
) -> None:
    tasks, _ = run_dags(demo, *CHAIN, **CONF)
    states = {task_id: states for dag in tasks.values() for task_id, states in dag.items()}
    assert {task_id for task_id in states if set(states[task_id]) != {"success"}} == OF_APPROVAL
    assert {state for task_id in OF_APPROVAL for state in states[task_id]} == {"skipped"}

    finetune = tasks["finetune_box_office"]
    assert len(finetune["finetune"]) + len(finetune["finetune_on_gpu"]) == len(BEST.base_models)
    assert demo.rows(PREDICTED) == trained_once.warehouse.rows(PREDICTED)


def test_a_chain_with_nothing_new_trains_nothing_says_why_and_still_tells_the_next(trained: Trained, run_dags) -> None:
    tasks, log = run_dags(trained.warehouse, "pretrain_ratings", "finetune_box_office", **CONF)
    assert "not pre-training: 0 films were rated since" in log
    assert "not fine-tuning: films, pre-trained model and code are those of" in log
    for states in tasks.values():
        assert states["register"] == ["skipped"]
        assert states["announce"] == ["success"]


def test_a_broken_source_fails_the_ingest_and_leaves_what_was_published(
    trained: Trained, run_dags, tmp_path: Path
) -> None:
    before = trained.warehouse.rows("select * from upcoming_predictions order by film_id")
    file = tmp_path / "films.db"
    file.write_bytes(b"not a database")
    tasks, log = run_dags(trained.warehouse, "ingest_releases", location=str(file), **CONF)
    assert tasks["ingest_releases"]["ingest"] == ["failed"]
    assert tasks["ingest_releases"]["announce"] == ["upstream_failed"]
    assert "SourceError" in log
    assert str(file) in log
    assert trained.warehouse.rows("select * from upcoming_predictions order by film_id") == before
    assert trained.warehouse.rows("select state from pel.ingest_runs order by 1") == [("failed",), ("succeeded",)]
