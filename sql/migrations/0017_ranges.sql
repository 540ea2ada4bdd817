-- How sure a prediction is: ranges, and the probability of passing a mark. Predictions made before this have neither.

alter table pel.predictions
    add column low_50 double precision,
    add column high_50 double precision,
    add column low_80 double precision,
    add column high_80 double precision,
    add column low_95 double precision,
    add column high_95 double precision,
    add column passes_10m double precision,
    add column passes_50m double precision,
    add column passes_100m double precision,
    add column passes_500m double precision,
    add column passes_budget double precision;
comment on column pel.predictions.low_50 is 'Lower end of the range that holds 50 % of films, log10 of US dollars.';
comment on column pel.predictions.high_50 is 'Upper end of the range that holds 50 % of films, log10 of US dollars.';
comment on column pel.predictions.low_80 is 'Lower end of the range that holds 80 % of films, log10 of US dollars.';
comment on column pel.predictions.high_80 is 'Upper end of the range that holds 80 % of films, log10 of US dollars.';
comment on column pel.predictions.low_95 is 'Lower end of the range that holds 95 % of films, log10 of US dollars.';
comment on column pel.predictions.high_95 is 'Upper end of the range that holds 95 % of films, log10 of US dollars.';
comment on column pel.predictions.passes_10m is 'Probability that the film makes more than $10 million.';
comment on column pel.predictions.passes_50m is 'Probability that the film makes more than $50 million.';
comment on column pel.predictions.passes_100m is 'Probability that the film makes more than $100 million.';
comment on column pel.predictions.passes_500m is 'Probability that the film makes more than $500 million.';
comment on column pel.predictions.passes_budget is 'Probability that the film makes more than its budget; null if that is not known.';

-- Columns are added at the end: queries go on as before.
create or replace view public.published_predictions as
with shown as (
    select distinct on (as_of) as_of, model_version
    from pel.publications
    order by as_of, publication_id desc
)
select
    p.film_id,
    f.title,
    p.release_date,
    p.release_precision,
    p.dollars as predicted_dollars,
    p.log10_dollars as predicted_log10_dollars,
    p.as_of,
    p.model_version,
    p.created_at as predicted_at,
    round((10 ^ p.low_50)::numeric) as low_50_dollars,
    round((10 ^ p.high_50)::numeric) as high_50_dollars,
    round((10 ^ p.low_80)::numeric) as low_80_dollars,
    round((10 ^ p.high_80)::numeric) as high_80_dollars,
    round((10 ^ p.low_95)::numeric) as low_95_dollars,
    round((10 ^ p.high_95)::numeric) as high_95_dollars,
    p.passes_10m,
    p.passes_50m,
    p.passes_100m,
    p.passes_500m,
    p.passes_budget
from shown
join pel.predictions p using (as_of, model_version)
join pel.films f using (film_id);

create or replace view public.upcoming_predictions as
select *
from public.published_predictions
where as_of = (select max(as_of) from pel.publications)
  and release_date > as_of;

comment on column public.published_predictions.low_50_dollars is 'Lower end of the range that holds 50 % of films, in US dollars.';
comment on column public.published_predictions.high_50_dollars is 'Upper end of the range that holds 50 % of films, in US dollars.';
comment on column public.published_predictions.low_80_dollars is 'Lower end of the range that holds 80 % of films, in US dollars.';
comment on column public.published_predictions.high_80_dollars is 'Upper end of the range that holds 80 % of films, in US dollars.';
comment on column public.published_predictions.low_95_dollars is 'Lower end of the range that holds 95 % of films, in US dollars.';
comment on column public.published_predictions.high_95_dollars is 'Upper end of the range that holds 95 % of films, in US dollars.';
comment on column public.published_predictions.passes_10m is 'Probability that the film makes more than $10 million.';
comment on column public.published_predictions.passes_50m is 'Probability that the film makes more than $50 million.';
comment on column public.published_predictions.passes_100m is 'Probability that the film makes more than $100 million.';
comment on column public.published_predictions.passes_500m is 'Probability that the film makes more than $500 million.';
comment on column public.published_predictions.passes_budget is 'Probability that the film makes more than its budget; null if that was not known.';

comment on column public.upcoming_predictions.low_50_dollars is 'Lower end of the range that holds 50 % of films, in US dollars.';
comment on column public.upcoming_predictions.high_50_dollars is 'Upper end of the range that holds 50 % of films, in US dollars.';
comment on column public.upcoming_predictions.low_80_dollars is 'Lower end of the range that holds 80 % of films, in US dollars.';
comment on column public.upcoming_predictions.high_80_dollars is 'Upper end of the range that holds 80 % of films, in US dollars.';
comment on column public.upcoming_predictions.low_95_dollars is 'Lower end of the range that holds 95 % of films, in US dollars.';
comment on column public.upcoming_predictions.high_95_dollars is 'Upper end of the range that holds 95 % of films, in US dollars.';
comment on column public.upcoming_predictions.passes_10m is 'Probability that the film makes more than $10 million.';
comment on column public.upcoming_predictions.passes_50m is 'Probability that the film makes more than $50 million.';
comment on column public.upcoming_predictions.passes_100m is 'Probability that the film makes more than $100 million.';
comment on column public.upcoming_predictions.passes_500m is 'Probability that the film makes more than $500 million.';
comment on column public.upcoming_predictions.passes_budget is 'Probability that the film makes more than its budget; null if that was not known.';

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
    made.log10_dollars between p.low_95 and p.high_95 as in_95
from pel.predictions p
join pel.films f using (film_id)
join lateral (
    select b.dollars, log(b.dollars)::double precision as log10_dollars
    from pel.plausible_box_office b
    where b.film_id = p.film_id
      and b.known_on <= current_date
    order by b.known_on desc, b.rank, b.source
    limit 1
) made on true;
comment on column public.prediction_accuracy.in_50 is 'Whether the film made what the range said that is to hold 50 % of films.';
comment on column public.prediction_accuracy.in_80 is 'Whether the film made what the range said that is to hold 80 % of films.';
comment on column public.prediction_accuracy.in_95 is 'Whether the film made what the range said that is to hold 95 % of films.';
