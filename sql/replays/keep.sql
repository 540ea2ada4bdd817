-- Keep a replay with its forecasts. Parameters: the columns of pel.replays; films, which are those of
-- pel.replay_predictions as an array in JSON.
with replay as (
    insert into pel.replays (
        as_of, code_version, data_sha256, parameters, pretrained_version, finetuned_version, held_out, seconds,
        started_at, finished_at
    )
    values (
        %(as_of)s, %(code_version)s, %(data_sha256)s, %(parameters)s, %(pretrained_version)s, %(finetuned_version)s,
        %(held_out)s, %(seconds)s, %(started_at)s, now()
    )
    returning replay_id
)
insert into pel.replay_predictions (
    replay_id, film_id, release_date, release_precision, budget_known, log10_dollars,
    low_50, high_50, low_80, high_80, low_95, high_95
)
select
    replay_id, film_id, release_date, release_precision, budget_known, log10_dollars,
    low_50, high_50, low_80, high_80, low_95, high_95
from replay
cross join jsonb_to_recordset(%(films)s) as film (
    film_id bigint, release_date date, release_precision text, budget_known boolean, log10_dollars double precision,
    low_50 double precision, high_50 double precision, low_80 double precision, high_80 double precision,
    low_95 double precision, high_95 double precision
)
