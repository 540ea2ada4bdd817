-- How forecasts moved, and how right they were, by what one asks for; and what was decided and read, for those who look.

create view pel.actual_box_office as
select distinct on (film_id) film_id, dollars, log(dollars)::double precision as log10_dollars
from pel.plausible_box_office
where known_on <= current_date
order by film_id, known_on desc, rank, source;
comment on view pel.actual_box_office is 'What films made, as known today.';
comment on column pel.actual_box_office.film_id is 'The film.';
comment on column pel.actual_box_office.dollars is 'Box office in US dollars, not adjusted for inflation.';
comment on column pel.actual_box_office.log10_dollars is 'The same, log10.';

create view pel.shown_predictions as
select
    p.film_id,
    p.as_of,
    p.model_version,
    p.release_date,
    p.dollars,
    p.log10_dollars,
    p.low_50,
    p.high_50,
    p.low_80,
    p.high_80,
    p.low_95,
    p.high_95
from pel.predictions p
where p.model_version = (
    select shown.model_version
    from pel.publications shown
    where shown.as_of = p.as_of
    order by shown.publication_id desc
    limit 1
);
comment on view pel.shown_predictions is
    'Of all predictions those that users see: for every as_of, those of the model that was published last.';
comment on column pel.shown_predictions.film_id is 'The film.';
comment on column pel.shown_predictions.as_of is 'Date from which the prediction looks.';
comment on column pel.shown_predictions.model_version is 'The model that made it.';
comment on column pel.shown_predictions.release_date is 'Release date as it was known then.';
comment on column pel.shown_predictions.dollars is 'Predicted box office in US dollars.';
comment on column pel.shown_predictions.log10_dollars is 'Predicted box office, log10 of US dollars.';
comment on column pel.shown_predictions.low_50 is 'Lower end of the range that holds 50 % of films, log10 of US dollars.';
comment on column pel.shown_predictions.high_50 is 'Upper end of the range that holds 50 % of films, log10 of US dollars.';
comment on column pel.shown_predictions.low_80 is 'Lower end of the range that holds 80 % of films, log10 of US dollars.';
comment on column pel.shown_predictions.high_80 is 'Upper end of the range that holds 80 % of films, log10 of US dollars.';
comment on column pel.shown_predictions.low_95 is 'Lower end of the range that holds 95 % of films, log10 of US dollars.';
comment on column pel.shown_predictions.high_95 is 'Upper end of the range that holds 95 % of films, log10 of US dollars.';

create view public.prediction_history as
select
    p.film_id,
    f.title,
    p.as_of,
    p.model_version,
    p.release_date,
    p.release_date - p.as_of as days_to_release,
    p.dollars as predicted_dollars,
    p.log10_dollars as predicted_log10_dollars,
    round((10 ^ p.low_80)::numeric) as low_80_dollars,
    round((10 ^ p.high_80)::numeric) as high_80_dollars,
    10 ^ (p.log10_dollars - before.log10_dollars) as change_factor
from pel.shown_predictions p
join pel.films f using (film_id)
left join lateral (
    select earlier.log10_dollars
    from pel.shown_predictions earlier
    where earlier.film_id = p.film_id and earlier.as_of < p.as_of
    order by earlier.as_of desc
    limit 1
) before on true;
comment on view public.prediction_history is
    'How the forecast of a film moved as its release came near: one row per film and as_of, each by the champion of then.';
comment on column public.prediction_history.film_id is 'Number of the film.';
comment on column public.prediction_history.title is 'Title.';
comment on column public.prediction_history.as_of is 'Date from which the prediction looks.';
comment on column public.prediction_history.model_version is 'The model that made it.';
comment on column public.prediction_history.release_date is 'Release date as known at as_of.';
comment on column public.prediction_history.days_to_release is 'Days from as_of to that date.';
comment on column public.prediction_history.predicted_dollars is 'Predicted box office in US dollars.';
comment on column public.prediction_history.predicted_log10_dollars is 'Predicted box office, log10 of US dollars.';
comment on column public.prediction_history.low_80_dollars is
    'Lower end of the range that holds 80 % of films, in US dollars.';
comment on column public.prediction_history.high_80_dollars is
    'Upper end of the range that holds 80 % of films, in US dollars.';
comment on column public.prediction_history.change_factor is
    'What was predicted as a multiple of what was predicted at the as_of before; null for the first.';

-- Columns are added at the end: queries go on as before.
create or replace view public.prediction_accuracy as
select
    p.film_id,
    f.title,
    p.release_date,
    p.release_precision,
    p.as_of,
    p.model_version,
    p.dollars as predicted_dollars,
    made.dollars as actual_dollars,
    p.log10_dollars - made.log10_dollars as error_log10,
    made.log10_dollars between p.low_50 and p.high_50 as in_50,
    made.log10_dollars between p.low_80 and p.high_80 as in_80,
    made.log10_dollars between p.low_95 and p.high_95 as in_95,
    p.release_date - p.as_of as days_to_release
from pel.predictions p
join pel.films f using (film_id)
join pel.actual_box_office made using (film_id);
comment on column public.prediction_accuracy.days_to_release is 'Days from as_of to the release date.';

create view public.accuracy_by_lead as
with leads as (
    select days from unnest(array[1, 30, 90, 180, 270]) as days
),
judged as not materialized (
    select f.film_id, f.title, f.release_date, made.dollars, made.log10_dollars
    from pel.films f
    join pel.actual_box_office made using (film_id)
    where f.release_date > (select min(as_of) from pel.publications)
)
select
    judged.film_id,
    judged.title,
    judged.release_date,
    leads.days as lead_days,
    p.as_of,
    p.model_version,
    p.dollars as predicted_dollars,
    judged.dollars as actual_dollars,
    p.log10_dollars as predicted_log10_dollars,
    judged.log10_dollars as actual_log10_dollars,
    p.log10_dollars - judged.log10_dollars as error_log10,
    judged.log10_dollars between p.low_50 and p.high_50 as in_50,
    judged.log10_dollars between p.low_80 and p.high_80 as in_80,
    judged.log10_dollars between p.low_95 and p.high_95 as in_95
from judged
cross join leads
join lateral (
    select said.*
    from pel.shown_predictions said
    where said.film_id = judged.film_id and said.as_of <= judged.release_date - leads.days
    order by said.as_of desc
    limit 1
) p on true;
comment on view public.accuracy_by_lead is
    'What was forecast of films whose box office is known today, a day, a month, three, six and nine months before their release: the newest forecast that was at least so old.';
comment on column public.accuracy_by_lead.film_id is 'Number of the film.';
comment on column public.accuracy_by_lead.title is 'Title.';
comment on column public.accuracy_by_lead.release_date is 'Release date as known today.';
comment on column public.accuracy_by_lead.lead_days is 'How many days before the release, at least.';
comment on column public.accuracy_by_lead.as_of is 'Date from which the prediction looked.';
comment on column public.accuracy_by_lead.model_version is 'The model that made it.';
comment on column public.accuracy_by_lead.predicted_dollars is 'Predicted box office in US dollars.';
comment on column public.accuracy_by_lead.actual_dollars is 'Box office in US dollars as known today.';
comment on column public.accuracy_by_lead.predicted_log10_dollars is 'Predicted box office, log10 of US dollars.';
comment on column public.accuracy_by_lead.actual_log10_dollars is 'Box office as known today, log10 of US dollars.';
comment on column public.accuracy_by_lead.error_log10 is
    'Predicted less actual, log10: 0.3 is twice too high, -0.3 half of what it made.';
comment on column public.accuracy_by_lead.in_50 is 'Whether the film made what the range said that is to hold 50 % of films.';
comment on column public.accuracy_by_lead.in_80 is 'Whether the film made what the range said that is to hold 80 % of films.';
comment on column public.accuracy_by_lead.in_95 is 'Whether the film made what the range said that is to hold 95 % of films.';

create view public.accuracy_summary as
with forecasts as materialized (
    select a.*, budget.dollars as budget
    from public.accuracy_by_lead a
    left join (
        select distinct on (film_id) film_id, dollars
        from pel.plausible_budgets
        order by film_id, rank, source
    ) budget using (film_id)
),
slices (film_id, lead_days, slice, value) as (
    select film_id, lead_days, 'all', 'all' from forecasts
    union all
    select film_id, lead_days, 'year', extract(year from release_date)::text from forecasts
    union all
    select film_id, lead_days, 'budget',
        case
            when budget is null then 'unknown'
            when budget < 1e6 then 'under $1M'
            when budget < 1e7 then '$1M to $10M'
            when budget < 3e7 then '$10M to $30M'
            when budget < 1e8 then '$30M to $100M'
            else '$100M and more'
        end
    from forecasts
    union all
    select film_id, lead_days, 'model', model_version from forecasts
    union all
    select film_id, lead_days, 'genre', g.name
    from forecasts
    join pel.film_genres using (film_id)
    join pel.genres g using (genre_id)
)
select
    lead_days,
    slice,
    value,
    count(*)::integer as films,
    avg(error_log10) as bias_log10,
    avg(abs(error_log10)) as mae_log10,
    percentile_cont(0.5) within group (order by abs(error_log10)) as median_ae_log10,
    1 - sum(error_log10 ^ 2) / nullif(count(*) * var_pop(actual_log10_dollars), 0) as r2_log10,
    avg(in_50::integer)::double precision as in_50,
    avg(in_80::integer)::double precision as in_80,
    avg(in_95::integer)::double precision as in_95
from slices
join forecasts using (film_id, lead_days)
group by lead_days, slice, value;
comment on view public.accuracy_summary is
    'How right the forecasts were, by how long before the release they were made, and by year, genre, budget and model.';
comment on column public.accuracy_summary.lead_days is 'How many days before the release, at least: 1, 30, 90, 180 or 270.';
comment on column public.accuracy_summary.slice is 'By what the films are told apart: all, year, genre, budget or model.';
comment on column public.accuracy_summary.value is 'Which of them: a year, a genre, a class of budgets, a model.';
comment on column public.accuracy_summary.films is 'How many films.';
comment on column public.accuracy_summary.bias_log10 is 'Mean of predicted less actual, log10: above 0 is too high.';
comment on column public.accuracy_summary.mae_log10 is 'Mean absolute error, log10 dollars.';
comment on column public.accuracy_summary.median_ae_log10 is 'Median absolute error, log10 dollars: 0.3 is a factor of two.';
comment on column public.accuracy_summary.r2_log10 is 'Coefficient of determination, log10 dollars; null where all made the same.';
comment on column public.accuracy_summary.in_50 is 'Share of films in their 50 % ranges.';
comment on column public.accuracy_summary.in_80 is 'Share of films in their 80 % ranges.';
comment on column public.accuracy_summary.in_95 is 'Share of films in their 95 % ranges.';

grant select on pel.actual_box_office, pel.shown_predictions to pel_pipeline;
grant select on public.prediction_history, public.accuracy_by_lead, public.accuracy_summary to pel_pipeline, pel_reader;

create view public.promotion_history as
select promotion_id, decided_at, as_of, model_version, champion_version, promoted, waits, decided_by, reason
from pel.promotions;
comment on view public.promotion_history is 'Every decision about which model publishes, with its reason.';
comment on column public.promotion_history.promotion_id is 'Number of the decision, in order.';
comment on column public.promotion_history.decided_at is 'When it was decided.';
comment on column public.promotion_history.as_of is 'Date for which it was decided.';
comment on column public.promotion_history.model_version is 'The candidate.';
comment on column public.promotion_history.champion_version is 'The champion until then; null if there was none.';
comment on column public.promotion_history.promoted is 'Whether the candidate became champion.';
comment on column public.promotion_history.waits is 'Whether a person was asked first; their answer is a row of its own.';
comment on column public.promotion_history.decided_by is 'Who decided: the gate, a person by name, hand (from a terminal), or nobody.';
comment on column public.promotion_history.reason is 'Why, with the figures.';

create view public.ingest_history as
select
    ingest_run_id as run_id, source, started_at, finished_at, state,
    inserted as films_new, updated as films_changed, rejected, error
from pel.ingest_runs;
comment on view public.ingest_history is 'Each time that a source was read, and what came.';
comment on column public.ingest_history.run_id is 'Number of the run, in order of start.';
comment on column public.ingest_history.source is 'Name of the source.';
comment on column public.ingest_history.started_at is 'When it started.';
comment on column public.ingest_history.finished_at is 'When it ended; null while it runs.';
comment on column public.ingest_history.state is 'running, succeeded or failed.';
comment on column public.ingest_history.films_new is 'Films seen for the first time.';
comment on column public.ingest_history.films_changed is 'Films whose record differed from the one kept.';
comment on column public.ingest_history.rejected is 'Records set aside.';
comment on column public.ingest_history.error is 'Why it failed; null unless it did.';

create view public.rejected_reasons as
select r.source, r.reason, count(*) as records, max(i.started_at) as last_seen_at
from pel.rejected_records r
join pel.ingest_runs i on i.ingest_run_id = r.last_ingest_run_id
group by r.source, r.reason;
comment on view public.rejected_reasons is 'Records that could not be taken in, counted by source and reason.';
comment on column public.rejected_reasons.source is 'Source that delivered them.';
comment on column public.rejected_reasons.reason is 'What is wrong with them.';
comment on column public.rejected_reasons.records is 'How many there are.';
comment on column public.rejected_reasons.last_seen_at is 'Start of the newest run that one of them came in.';

grant select on public.promotion_history, public.ingest_history, public.rejected_reasons to pel_pipeline, pel_reader;
