-- How right forecasts were, asked of ten million of them.

-- The logarithm of a numeric takes many times as long as that of a double, for digits that nobody has measured.
create or replace view pel.actual_box_office as
select distinct on (film_id) film_id, dollars, log(dollars::double precision) as log10_dollars
from pel.plausible_box_office
where known_on <= current_date
order by film_id, known_on desc, rank, source;

-- Columns are added at the end: queries go on as before.
create or replace view public.accuracy_by_lead as
with leads as (
    select days from unnest(array[1, 30, 90, 180, 270]) as days
),
judged as not materialized (
    select f.film_id, f.title, f.release_date, f.release_precision, made.dollars, made.log10_dollars
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
    judged.log10_dollars between p.low_95 and p.high_95 as in_95,
    judged.release_precision
from judged
cross join leads
join lateral (
    select said.*
    from pel.shown_predictions said
    where said.film_id = judged.film_id and said.as_of <= judged.release_date - leads.days
    order by said.as_of desc
    limit 1
) p on true;
comment on column public.accuracy_by_lead.release_precision is 'What of release_date is known: day, month or year.';

-- Each slice by itself, so that a question about one year or one lead reads the forecasts of that year or lead alone; and
-- one more slice.
create or replace view public.accuracy_summary as
with budgets as not materialized (
    select distinct on (film_id) film_id, dollars
    from pel.plausible_budgets
    order by film_id, rank, source
),
slices as not materialized (
    select 'all' as slice, 'all' as value, a.* from public.accuracy_by_lead a
    union all
    select 'year', extract(year from a.release_date)::text, a.* from public.accuracy_by_lead a
    union all
    select 'genre', g.name, a.*
    from public.accuracy_by_lead a
    join pel.film_genres using (film_id)
    join pel.genres g using (genre_id)
    union all
    select
        'budget',
        case
            when b.dollars is null then 'unknown'
            when b.dollars < 1e6 then 'under $1M'
            when b.dollars < 1e7 then '$1M to $10M'
            when b.dollars < 3e7 then '$10M to $30M'
            when b.dollars < 1e8 then '$30M to $100M'
            else '$100M and more'
        end,
        a.*
    from public.accuracy_by_lead a
    left join budgets b using (film_id)
    union all
    select 'model', a.model_version, a.* from public.accuracy_by_lead a
    union all
    -- of a film dated to the year, the lead counts from the last day of it
    select 'precision', a.release_precision, a.* from public.accuracy_by_lead a
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
group by lead_days, slice, value;
comment on view public.accuracy_summary is
    'How right the forecasts were, by how long before the release they were made, and by year, genre, budget, model and how well the release date is known.';
comment on column public.accuracy_summary.slice is
    'By what the films are told apart: all, year, genre, budget, model, or precision (of the release date).';
comment on column public.accuracy_summary.value is
    'Which of them: a year, a genre, a class of budgets, a model; day, month or year.';
