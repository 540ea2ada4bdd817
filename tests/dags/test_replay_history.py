"""The DAG that replays the past, run by Airflow on a real warehouse."""

from tests.chain import AS_OF
from tests.conftest import Warehouse

TOO_EARLY = AS_OF.replace(year=1950)
REPLAYS = """
select as_of, code_version, data_sha256, parameters, pretrained_version, finetuned_version, held_out
from pel.replays
"""
PREDICTIONS = """
select array_agg(to_jsonb(p) - 'replay_id' order by film_id)
from pel.replay_predictions p
group by replay_id
order by replay_id
"""


def test_a_forced_replay_gives_the_same_rows_and_a_date_that_fails_holds_up_no_other(
    replayed: Warehouse, run_dags
) -> None:
    form = {"from": str(TOO_EARLY), "to": str(AS_OF), "every": 12 * 35, "force": True}
    tasks, log = run_dags(replayed, "replay_history", settings={"PEL_AS_OF": "1986-01-01"}, **form)
    assert tasks["replay_history"] == {
        "dates": ["success"],
        "replay": ["failed", "success"],
        "come_back": ["success"],
    }
    assert f"{TOO_EARLY} cannot be replayed: there are too few films" in log

    first, second = replayed.rows(REPLAYS)
    assert first == second
    first, second = replayed.rows(PREDICTIONS)
    assert first == second
    assert [str(day) for (day,) in replayed.rows("select as_of from pel.refreshes")] == ["1986-01-01"]
