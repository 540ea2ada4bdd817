import logging
from datetime import timedelta

import psycopg
import pytest

from pel.forecasts.explain import explain
from pel.forecasts.publish import publish
from tests.chain import AS_OF
from tests.conftest import Trained
from tests.films import a_film, take_in

EVERYTHING = "select * from pel.explanations order by film_id"
SUMS = """
select count(*), max(abs(log(average_dollars) + effect - log(predicted_dollars)))
from (
    select film_id, average_dollars::double precision, predicted_dollars::double precision, sum(effect_log10) as effect
    from prediction_drivers
    where detail is null
    group by 1, 2, 3
) of_film
"""
EXACT = """
select max(abs(base + effect - log10_dollars))
from pel.explanations
join pel.predictions using (film_id, as_of, model_version)
cross join lateral (select sum(value::double precision) as effect from jsonb_each(effects)) of_film
"""
DETAILS = """
select
    film_id,
    attribute,
    sum(effect_log10) filter (where detail is null),
    sum(effect_log10) filter (where detail is not null)
from prediction_drivers
group by 1, 2
"""


def test_drivers_add_up_to_the_published_prediction(trained: Trained) -> None:
    ((error,),) = trained.warehouse.rows(EXACT)
    assert error < 1e-6
    # as users see them, in whole dollars
    ((films, shown),) = trained.warehouse.rows(SUMS, role="pel_reader")
    assert shown < 1e-4
    assert [(films,)] == trained.warehouse.rows("select count(*) from upcoming_predictions")


def test_details_add_up_to_their_attribute(trained: Trained) -> None:
    rows = trained.warehouse.rows(DETAILS, role="pel_reader")
    assert all(abs(effect - (details or 0)) < 1e-6 for _, _, effect, details in rows)
    assert sum(details is not None for *_, details in rows) > 100


def test_a_factor_is_ten_to_the_power_of_its_effect(trained: Trained) -> None:
    rows = trained.warehouse.rows("select effect_log10, factor from prediction_drivers", role="pel_reader")
    assert all(factor == pytest.approx(10**effect) for effect, factor in rows)


def test_similar_films_are_older_known_and_the_most_similar_comes_first(trained: Trained) -> None:
    rows = trained.warehouse.rows(
        """
        select s.film_id, s.rank, s.similarity,
               (s.similar_release_date, s.similar_film_id) < (p.release_date, p.film_id) as is_older,
               exists (select from pel.box_office b where b.film_id = s.similar_film_id and b.known_on <= s.as_of)
        from similar_films s
        join pel.predictions p using (film_id, as_of, model_version)
        order by s.film_id, s.rank
        """
    )
    assert len({film_id for film_id, *_ in rows}) > 100
    by_film: dict[int, list[float]] = {}
    for film_id, rank, similarity, is_older, is_known in rows:
        assert is_older
        assert is_known
        assert 0 <= similarity <= 1
        by_film.setdefault(film_id, []).append(similarity)
        assert rank == len(by_film[film_id])
    assert all(len(found) == 10 and found == sorted(found, reverse=True) for found in by_film.values())


def test_explaining_again_writes_nothing_and_says_so(trained: Trained, caplog: pytest.LogCaptureFixture) -> None:
    before = trained.warehouse.rows(EVERYTHING)
    with caplog.at_level(logging.INFO):
        assert explain(AS_OF) == 0
    assert trained.warehouse.rows(EVERYTHING) == before
    assert "every prediction of the champion is explained" in caplog.text


def test_only_what_is_not_explained_is(trained: Trained) -> None:
    before = trained.warehouse.rows(EVERYTHING)
    take_in(a_film("New", "1985-06-01"))
    assert publish(AS_OF) == 1
    assert explain(AS_OF) == 1
    after = trained.warehouse.rows(EVERYTHING)
    assert set(map(str, before)) < set(map(str, after))
    assert len(after) == len(before) + 1
    assert trained.warehouse.rows("select count(*) from prediction_drivers where title = 'New' and detail is null") == [
        (7,)
    ]


def test_a_film_of_which_something_else_is_known_by_now_stays_unexplained(
    trained: Trained, caplog: pytest.LogCaptureFixture
) -> None:
    film = a_film("Changed", "1985-06-01", genres=["Western"])
    take_in(film)
    assert publish(AS_OF) == 1
    take_in(film.model_copy(update={"release_date": AS_OF + timedelta(days=350), "genres": ("Drama", "War")}))
    with caplog.at_level(logging.INFO):
        assert explain(AS_OF) == 0
    assert "1 predictions stay unexplained" in caplog.text


def test_without_a_champion_there_is_nothing_to_explain(trained: Trained) -> None:
    assert explain(AS_OF - timedelta(days=1)) == 0


def test_every_upcoming_film_has_a_rating(trained: Trained) -> None:
    ratings = [rating for (rating,) in trained.warehouse.rows("select predicted_rating from upcoming_predictions")]
    assert all(0 < rating < 10 for rating in ratings)
    assert len({round(rating, 3) for rating in ratings}) > 20


@pytest.mark.parametrize("statement", ["update pel.explanations set base = 9", "delete from pel.explanations"])
def test_nobody_rewrites_an_explanation(trained: Trained, statement: str) -> None:
    with pytest.raises(psycopg.Error, match="append-only"):
        trained.warehouse.rows(statement, role="pel_owner")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        trained.warehouse.rows(statement)
