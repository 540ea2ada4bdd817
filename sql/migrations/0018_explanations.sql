-- Why a prediction is what it is: the audience rating that goes with it, what drives it, and which films are like it.

alter table pel.predictions add column rating double precision;
comment on column pel.predictions.rating is
    'Predicted audience rating, 0 to 10: the mean of the pre-trained base models that the model started from; null in predictions made before there was one.';

create table pel.explanations (
    film_id bigint not null,
    as_of date not null,
    model_version text not null,
    base double precision not null,
    effects jsonb not null,
    details jsonb not null,
    similar_films bigint[] not null,
    similarities real[] not null,
    created_at timestamptz not null default now(),
    primary key (film_id, as_of, model_version),
    foreign key (as_of, model_version, film_id) references pel.predictions (as_of, model_version, film_id),
    constraint every_similar_film_has_its_similarity check (cardinality(similar_films) = cardinality(similarities))
);
comment on table pel.explanations is
    'Why a prediction is what it is, once per prediction. Rows are added and never changed.';
comment on column pel.explanations.film_id is 'The film.';
comment on column pel.explanations.as_of is 'Date from which the prediction looks.';
comment on column pel.explanations.model_version is 'The model that made it.';
comment on column pel.explanations.base is 'The average from which effects count, log10 of US dollars: what the model forecasts of past films, as a mean.';
comment on column pel.explanations.effects is
    'By how much each attribute moved the prediction, in log10: {"director": 0.3, …}. With base they add up to the prediction.';
comment on column pel.explanations.details is
    'The same by the details of an attribute, which add up to it: {"director": {"ratings": 0.1, …}, …}; those that moved nothing are left out.';
comment on column pel.explanations.similar_films is 'Past films like it, the most similar first.';
comment on column pel.explanations.similarities is 'How similar each of them is, 0 to 1.';
comment on column pel.explanations.created_at is 'When it was made.';
create trigger predictions_are_append_only
    before update or delete or truncate on pel.explanations
    for each statement execute function pel.refuse_rewriting();
grant select, insert on pel.explanations to pel_pipeline;

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
    p.passes_budget,
    p.rating as predicted_rating
from shown
join pel.predictions p using (as_of, model_version)
join pel.films f using (film_id);

create or replace view public.upcoming_predictions as
select *
from public.published_predictions
where as_of = (select max(as_of) from pel.publications)
  and release_date > as_of;

comment on column public.published_predictions.predicted_rating is 'Predicted audience rating, 0 to 10; null in predictions made before there was one.';
comment on column public.upcoming_predictions.predicted_rating is 'Predicted audience rating, 0 to 10; null in predictions made before there was one.';

create view public.prediction_drivers as
select
    e.film_id,
    f.title,
    e.as_of,
    e.model_version,
    d.attribute,
    d.detail,
    d.effect as effect_log10,
    10 ^ d.effect as factor,
    round((10 ^ e.base)::numeric) as average_dollars,
    p.dollars as predicted_dollars
from pel.explanations e
join pel.predictions p using (as_of, model_version, film_id)
join pel.films f using (film_id)
cross join lateral (
    select attribute, null as detail, effect::double precision
    from jsonb_each(e.effects) as a (attribute, effect)
    union all
    select attribute, detail, effect::double precision
    from jsonb_each(e.details) as a (attribute, parts)
    cross join lateral jsonb_each(a.parts) as part (detail, effect)
) d;
comment on view public.prediction_drivers is
    'What moved a prediction up or down from the average of past films: one row per attribute, whose effects add up (factors multiply) to the prediction, and one per detail of an attribute, whose effects add up to the attribute''s. Effects of attributes are exact Shapley values of the whole model against a few past films; those of details are approximate.';
comment on column public.prediction_drivers.film_id is 'Number of the film.';
comment on column public.prediction_drivers.title is 'Title.';
comment on column public.prediction_drivers.as_of is 'Date from which the prediction looks.';
comment on column public.prediction_drivers.model_version is 'The model that made the prediction.';
comment on column public.prediction_drivers.attribute is
    'director, cast, budget, genres, release_date (with what comes out around it), series_and_title, or companies_and_places.';
comment on column public.prediction_drivers.detail is
    'What of the attribute, such as ratings (of the earlier films of the director, of the cast, …) or a genre; null in the row of the attribute itself.';
comment on column public.prediction_drivers.effect_log10 is 'By how much it moved the prediction, in log10: 0.3 doubles it, -0.3 halves it.';
comment on column public.prediction_drivers.factor is 'The same as a factor: 2 doubles the prediction, 0.5 halves it.';
comment on column public.prediction_drivers.average_dollars is 'What the prediction would be without any of these, in US dollars: the geometric mean of the model''s forecasts of past films.';
comment on column public.prediction_drivers.predicted_dollars is 'Predicted box office in US dollars.';

create view public.similar_films as
select
    e.film_id,
    f.title,
    e.as_of,
    e.model_version,
    s.rank::integer as rank,
    s.film_id as similar_film_id,
    other.title as similar_title,
    other.release_date as similar_release_date,
    s.similarity::double precision as similarity,
    made.dollars as actual_dollars
from pel.explanations e
join pel.films f using (film_id)
cross join lateral unnest(e.similar_films, e.similarities) with ordinality as s (film_id, similarity, rank)
join pel.films other on other.film_id = s.film_id
left join lateral (
    select b.dollars
    from pel.plausible_box_office b
    where b.film_id = s.film_id
      and b.known_on <= current_date
    order by b.known_on desc, b.rank, b.source
    limit 1
) made on true;
comment on view public.similar_films is
    'For every explained prediction the past films most like it, as the model sees it: in its trees they come to the same leaves. Only films whose box office was known at as_of.';
comment on column public.similar_films.film_id is 'Number of the film.';
comment on column public.similar_films.title is 'Title.';
comment on column public.similar_films.as_of is 'Date from which the prediction looks.';
comment on column public.similar_films.model_version is 'The model that made the prediction.';
comment on column public.similar_films.rank is '1 is the most similar.';
comment on column public.similar_films.similar_film_id is 'Number of the past film.';
comment on column public.similar_films.similar_title is 'Its title.';
comment on column public.similar_films.similar_release_date is 'Its release date, as known today.';
comment on column public.similar_films.similarity is
    'Share of the model''s trees in which both fall into the same leaf, 0 to 1, each base model by its weight.';
comment on column public.similar_films.actual_dollars is 'What the past film made in US dollars, as known today; null where none of it is plausible any more.';
grant select on public.prediction_drivers, public.similar_films to pel_pipeline, pel_reader;
