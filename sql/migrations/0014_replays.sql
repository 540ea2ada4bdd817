-- Replays: the whole, attributes to forecasts, done again for past dates, apart from what the pipeline said on the day.

create table pel.replays (
    replay_id bigint generated always as identity primary key,
    as_of date not null,
    code_version text not null,
    data_sha256 text not null,
    parameters jsonb not null,
    pretrained_version text not null,
    finetuned_version text not null,
    held_out jsonb not null,
    seconds jsonb not null,
    started_at timestamptz not null,
    finished_at timestamptz not null
);
create index replays_of_date on pel.replays (as_of, code_version, replay_id desc);
comment on table pel.replays is
    'Past dates for which the whole was done again, one row each time; added when it is done and never changed. Nothing that decides about training or publishing reads it.';
comment on column pel.replays.replay_id is 'Number of the replay, in order.';
comment on column pel.replays.as_of is 'The past date from which it looked; nothing known later entered.';
comment on column pel.replays.code_version is 'SHA-256 over the code that features and fit depend on.';
comment on column pel.replays.data_sha256 is 'SHA-256 of all rows that it read: rated films, films with box office, upcoming films.';
comment on column pel.replays.parameters is
    'Parameters of both fits, and the settings by which films are chosen: settle_days, least_dollars, horizon_days.';
comment on column pel.replays.pretrained_version is 'Name of the pre-trained model; its files are gone.';
comment on column pel.replays.finetuned_version is 'Name of the fine-tuned model that made the forecasts; its files are gone.';
comment on column pel.replays.held_out is
    'Its held-out figures, as in pel.model_versions.metrics: window, films, scores in log10 dollars by predictor, coverage.';
comment on column pel.replays.seconds is 'Wall time by stage: attributes, pretrain, finetune, forecast.';
comment on column pel.replays.started_at is 'When it began (the last try, if it was interrupted).';
comment on column pel.replays.finished_at is 'When its forecasts were made.';

create table pel.replay_predictions (
    replay_id bigint not null references pel.replays,
    film_id bigint not null references pel.films,
    release_date date not null,
    release_precision text not null,
    budget_known boolean not null,
    log10_dollars double precision not null,
    low_50 double precision not null,
    high_50 double precision not null,
    low_80 double precision not null,
    high_80 double precision not null,
    low_95 double precision not null,
    high_95 double precision not null,
    primary key (replay_id, film_id)
);
comment on table pel.replay_predictions is
    'What a replay forecast, one row a film that was upcoming at its as_of. Rows are added and never changed.';
comment on column pel.replay_predictions.replay_id is 'The replay.';
comment on column pel.replay_predictions.film_id is 'The film.';
comment on column pel.replay_predictions.release_date is 'Release date as it was known at as_of.';
comment on column pel.replay_predictions.release_precision is 'What of release_date was known then: day, month or year.';
comment on column pel.replay_predictions.budget_known is 'Whether a budget was known as of then; an unknown one is estimated.';
comment on column pel.replay_predictions.log10_dollars is 'Forecast box office, log10 of US dollars.';
comment on column pel.replay_predictions.low_50 is 'Lower end of the range that is to hold half of the films, log10 of US dollars.';
comment on column pel.replay_predictions.high_50 is 'Upper end of that range.';
comment on column pel.replay_predictions.low_80 is 'Lower end of the range that is to hold 80 % of the films, log10 of US dollars.';
comment on column pel.replay_predictions.high_80 is 'Upper end of that range.';
comment on column pel.replay_predictions.low_95 is 'Lower end of the range that is to hold 95 % of the films, log10 of US dollars.';
comment on column pel.replay_predictions.high_95 is 'Upper end of that range.';
create trigger predictions_are_append_only
    before update or delete or truncate on pel.replay_predictions
    for each statement execute function pel.refuse_rewriting();

-- One row a film, date and version of the code: of a replay that was made again, the newest.
create view public.replay_accuracy as
with newest as (
    select distinct on (as_of, code_version) *
    from pel.replays
    order by as_of, code_version, replay_id desc
)
select
    r.as_of,
    r.finished_at as made_at,
    r.code_version,
    p.film_id,
    f.title,
    p.release_date,
    p.release_precision,
    p.budget_known,
    round(power(10::numeric, p.log10_dollars::numeric)) as predicted_dollars,
    made.dollars as actual_dollars,
    p.log10_dollars - log(made.dollars)::double precision as error_log10,
    p.log10_dollars as predicted_log10_dollars,
    log(made.dollars)::double precision as actual_log10_dollars,
    log(made.dollars)::double precision between p.low_50 and p.high_50 as in_50,
    log(made.dollars)::double precision between p.low_80 and p.high_80 as in_80,
    log(made.dollars)::double precision between p.low_95 and p.high_95 as in_95,
    made.dollars >= (r.parameters ->> 'least_dollars')::numeric as is_judged
from newest r
join pel.replay_predictions p using (replay_id)
join pel.films f using (film_id)
left join lateral (
    select b.dollars
    from pel.plausible_box_office b
    where b.film_id = p.film_id
      and b.known_on <= current_date
    order by b.known_on desc, b.rank, b.source, b.observed_on desc nulls last
    limit 1
) made on true;
comment on view public.replay_accuracy is
    'Backfilled forecasts: what the pipeline would have forecast at as_of, made afterwards, at made_at, by today''s code; beside what the films made, as known today. Of a date replayed more than once with the same code, the newest replay.';
comment on column public.replay_accuracy.as_of is 'The past date from which the forecast looks. It was not made then: see made_at.';
comment on column public.replay_accuracy.made_at is 'When the forecast was really made.';
comment on column public.replay_accuracy.code_version is 'SHA-256 over the code that made it.';
comment on column public.replay_accuracy.film_id is 'Number of the film.';
comment on column public.replay_accuracy.title is 'Title.';
comment on column public.replay_accuracy.release_date is 'Release date as known at as_of.';
comment on column public.replay_accuracy.release_precision is 'What of release_date was known: day, month or year.';
comment on column public.replay_accuracy.budget_known is 'Whether a budget was known at as_of; an unknown one is estimated.';
comment on column public.replay_accuracy.predicted_dollars is 'Forecast box office in US dollars.';
comment on column public.replay_accuracy.actual_dollars is
    'Box office in US dollars as known today; null where none is, or none that is plausible.';
comment on column public.replay_accuracy.error_log10 is 'Forecast less actual, log10: 0.3 is twice too high, -0.3 half of what it made.';
comment on column public.replay_accuracy.predicted_log10_dollars is 'Forecast box office, log10 of US dollars.';
comment on column public.replay_accuracy.actual_log10_dollars is 'Actual box office, log10 of US dollars.';
comment on column public.replay_accuracy.in_50 is 'Whether the film lies in its range that is to hold half of the films.';
comment on column public.replay_accuracy.in_80 is 'Whether it lies in its range that is to hold 80 % of the films.';
comment on column public.replay_accuracy.in_95 is 'Whether it lies in its range that is to hold 95 % of the films.';
comment on column public.replay_accuracy.is_judged is
    'Whether it counts in replay_scoreboard: it made as much as films have to that models learn from, 100,000 dollars. Null where its box office is unknown.';

create view public.replay_scoreboard as
select
    as_of,
    code_version,
    max(made_at) as made_at,
    case when grouping(budget_known) = 1 then 'any' when budget_known then 'known' else 'unknown' end as budget,
    count(*) as films,
    count(actual_dollars) as films_with_box_office,
    count(*) filter (where is_judged) as films_judged,
    1 - avg(error_log10 ^ 2) filter (where is_judged) / nullif(var_pop(actual_log10_dollars) filter (where is_judged), 0)
        as r2_log10,
    avg(abs(error_log10)) filter (where is_judged) as mae_log10,
    percentile_cont(0.5) within group (order by abs(error_log10)) filter (where is_judged) as median_error_log10,
    avg(error_log10) filter (where is_judged) as bias_log10,
    avg(in_80::integer) filter (where is_judged)::double precision as coverage_80
from public.replay_accuracy
group by grouping sets ((as_of, code_version), (as_of, code_version, budget_known));
comment on view public.replay_scoreboard is
    'How right backfilled forecasts are, by the date from which they look and the code that made them: what to compare two versions of the code by. Figures are of the films that count (films_judged), in log10 dollars.';
comment on column public.replay_scoreboard.as_of is 'The past date from which the forecasts look. They were not made then: see made_at.';
comment on column public.replay_scoreboard.code_version is 'SHA-256 over the code that made them.';
comment on column public.replay_scoreboard.made_at is 'When they were really made.';
comment on column public.replay_scoreboard.budget is 'Of which films: any, or those with a budget that was known, or unknown, at as_of.';
comment on column public.replay_scoreboard.films is 'Films upcoming within a year of as_of, each with a forecast.';
comment on column public.replay_scoreboard.films_with_box_office is 'Those whose box office is known today.';
comment on column public.replay_scoreboard.films_judged is 'Those of them that made at least 100,000 dollars; models learn from no others.';
comment on column public.replay_scoreboard.r2_log10 is 'Coefficient of determination, in log10 dollars.';
comment on column public.replay_scoreboard.mae_log10 is 'Mean absolute error, in log10 dollars.';
comment on column public.replay_scoreboard.median_error_log10 is 'Median absolute error, in log10 dollars: 0.3 is a factor of two.';
comment on column public.replay_scoreboard.bias_log10 is 'Mean of forecast less actual, in log10 dollars.';
comment on column public.replay_scoreboard.coverage_80 is 'Share of the films in their ranges that are to hold 80 %.';

grant select, insert on pel.replays, pel.replay_predictions to pel_pipeline;
grant usage on all sequences in schema pel to pel_pipeline;
grant select on public.replay_accuracy, public.replay_scoreboard to pel_pipeline, pel_reader;
