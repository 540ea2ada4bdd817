"""A candidate that is worse than the champion."""

from pel.features.films import refresh
from pel.forecasts.publish import publish
from pel.training.pretrain import held_out_start
from tests.chain import AS_OF, finetune
from tests.conftest import Trained
from tests.faults.conftest import Keep
from tests.faults.rows import Difference, rows_of

SHOWN = "select film_id, model_version, predicted_dollars from upcoming_predictions order by film_id"
# The figures of all films but the held-out ones given to other films, as a source might that lost a column.
SHUFFLED = """
with known as (
    select film_id, known_on, dollars, row_number() over (order by film_id) as place,
           row_number() over (order by md5(film_id::text)) as other
    from pel.box_office join pel.films using (film_id)
    where release_date < %s
)
update pel.box_office b
set dollars = o.dollars
from known k join known o on o.other = k.place
where b.film_id = k.film_id and b.known_on = k.known_on
"""


def test_a_candidate_is_worse(trained: Trained, keep: Keep) -> None:
    shown = trained.warehouse.rows(SHOWN, role="pel_reader")
    trained.warehouse.rows(SHUFFLED, [held_out_start(AS_OF)])
    refresh(AS_OF)
    before = rows_of(trained.warehouse.rows)
    candidate = finetune()
    publish(AS_OF)
    ((promoted, reason),) = trained.warehouse.rows(
        "select promoted, reason from pel.promotions where model_version = %s", [candidate]
    )
    assert not promoted
    assert "not so: it is better than the training mean" in reason
    assert trained.warehouse.rows(SHOWN, role="pel_reader") == shown
    after = rows_of(trained.warehouse.rows)
    assert sorted(table for table, _ in (after - before).elements()) == ["decisions", "models"]
    keep(
        "a candidate that is worse: fitted on figures that were given to the wrong films",
        "it is registered, fails a quality check and is not promoted; the champion goes on publishing",
        difference=Difference(lost=(before - after).total(), doubled=0),
    )
