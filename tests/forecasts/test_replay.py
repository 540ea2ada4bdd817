"""A replay says what would have been published on a past date, whatever became known later, and changes nothing."""

import re
from datetime import date

import psycopg
import pytest

from pel.ensemble.metrics import regression_metrics
from pel.forecasts.replay import dates, replay
from pel.settings import PROJECT
from tests.chain import AS_OF
from tests.conftest import Replayed, Trained, Warehouse

SAID = "select film_id, release_date, release_precision, log10_dollars from {} order by film_id"
REPLAYS = "select count(*) from pel.replays"
QUERIES = re.findall(
    r"^```sql\n(.*?)^```$", (PROJECT / "docs" / "replays.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)

# The same replay, as if another version of the code had made it and forecast a tenth more.
ANOTHER_VERSION = """
with other as (
    insert into pel.replays (as_of, code_version, data_sha256, parameters, pretrained_version, finetuned_version,
                             held_out, seconds, started_at, finished_at)
    select as_of, 'other', data_sha256, parameters, pretrained_version, finetuned_version, held_out, seconds,
           started_at, now()
    from pel.replays
    returning replay_id
)
insert into pel.replay_predictions
select o.replay_id, film_id, release_date, release_precision, budget_known, 0.04 + log10_dollars, low_50, high_50,
       low_80, high_80, low_95, high_95
from other o, pel.replay_predictions
"""


def test_it_forecasts_to_the_last_bit_what_was_published_whatever_became_known_later(
    replayed_once: Replayed, trained_once: Trained
) -> None:
    published = trained_once.warehouse.rows(SAID.format("pel.predictions"))
    assert replayed_once.warehouse.rows(SAID.format("pel.replay_predictions")) == published
    assert len(published) > 100


def test_it_scores_the_same_held_out_films_the_same(replayed_once: Replayed, trained_once: Trained) -> None:
    registered = trained_once.warehouse.rows(
        "select metrics -> 'held_out' from pel.model_versions where kind = 'finetuned'"
    )
    assert replayed_once.warehouse.rows("select held_out from pel.replays") == registered


def test_it_leaves_every_other_table_as_it_was(replayed_once: Replayed) -> None:
    assert {"predictions", "publications", "promotions", "model_versions", "training_looks"} <= set(
        replayed_once.before
    )
    changed = [name for name, rows in replayed_once.before.items() if replayed_once.after[name] != rows]
    assert changed == []


def test_it_leaves_no_model_behind(replayed_once: Replayed) -> None:
    assert replayed_once.left_over == []


def test_ranges_hold_the_forecast_and_each_other(replayed_once: Replayed) -> None:
    nested = "low_95 <= low_80 and low_80 <= low_50 and low_50 <= log10_dollars"
    nested += " and log10_dollars <= high_50 and high_50 <= high_80 and high_80 <= high_95"
    assert replayed_once.warehouse.rows(f"select bool_and({nested}) from pel.replay_predictions") == [(True,)]


def test_a_date_that_was_replayed_is_not_replayed_again_until_something_is_other(
    replayed: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not replay(AS_OF)
    assert replayed.rows(REPLAYS) == [(1,)]
    # another setting, and with it too few films: it would have trained
    monkeypatch.setenv("PEL_SETTLE_DAYS", "9000")
    with pytest.raises(ValueError, match="1985-01-01 cannot be replayed: there are too few films"):
        replay(AS_OF)


def test_a_date_with_too_few_films_is_refused_with_the_reason(replayed: Warehouse) -> None:
    with pytest.raises(ValueError, match="1950-01-01 cannot be replayed: there are too few films"):
        replay(date(1950, 1, 1))
    assert replayed.rows(REPLAYS) == [(1,)]


def test_the_scoreboard_is_what_the_measures_say(replayed: Warehouse) -> None:
    made = replayed.rows(
        "select p.log10_dollars, log(b.dollars)::double precision "
        "from pel.replay_predictions p join pel.plausible_box_office b using (film_id) where b.dollars >= 100000"
    )
    forecast, actual = zip(*made, strict=True)
    expected = regression_metrics(actual, forecast)
    rows = replayed.rows(
        "select films_judged, r2_log10, mae_log10 from replay_scoreboard where budget = 'any'", role="pel_reader"
    )
    assert rows == [(len(made), pytest.approx(expected["r2"]), pytest.approx(expected["mae"]))]


def test_forecasts_that_were_made_afterwards_say_so(replayed: Warehouse) -> None:
    rows = replayed.rows("select bool_and(made_at > as_of + 365), min(as_of) from replay_accuracy", role="pel_reader")
    assert rows == [(True, AS_OF)]


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_of_the_docs_answers_the_reader(replayed: Warehouse, query: str) -> None:
    replayed.rows(ANOTHER_VERSION)
    assert replayed.rows(query, role="pel_reader")


@pytest.mark.parametrize(
    "command",
    [
        "update pel.replays set as_of = as_of",
        "delete from pel.replays",
        "update pel.replay_predictions set log10_dollars = 9",
        "delete from pel.replay_predictions",
    ],
)
def test_the_pipeline_does_not_rewrite_what_was_replayed(replayed: Warehouse, command: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        replayed.rows(command)


def test_dates_follow_each_other_by_months() -> None:
    half_years = [date(2013, 1, 1), date(2013, 7, 1), date(2014, 1, 1)]
    assert dates(date(2013, 1, 1), date(2014, 6, 30), 6) == half_years
    assert dates(date(2013, 1, 1), date(2014, 1, 1), 6) == half_years
    assert dates(date(2015, 12, 31), date(2016, 3, 1), 1) == [
        date(2015, 12, 31),
        date(2016, 1, 31),
        date(2016, 2, 29),
    ]
    assert dates(date(2013, 1, 1), date(2013, 1, 1), 240) == [date(2013, 1, 1)]
