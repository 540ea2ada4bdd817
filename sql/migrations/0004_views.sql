-- What users query. A change that would break a query is a new view beside the old one.

create view public.published_predictions as
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
    p.created_at as predicted_at
from shown
join pel.predictions p using (as_of, model_version)
join pel.films f using (film_id);

create view public.upcoming_predictions as
select *
from public.published_predictions
where as_of = (select max(as_of) from pel.publications)
  and release_date > as_of;
comment on view public.published_predictions is
    'For every as_of the films that were upcoming then, each with the prediction of the champion of then.';
comment on column public.published_predictions.film_id is 'Number of the film.';
comment on column public.published_predictions.title is 'Title.';
comment on column public.published_predictions.release_date is
    'Release date as known at as_of. Where only the month or the year was known, its last day.';
comment on column public.published_predictions.release_precision is 'What of release_date was known: day, month or year.';
comment on column public.published_predictions.predicted_dollars is 'Predicted box office in US dollars.';
comment on column public.published_predictions.predicted_log10_dollars is 'Predicted box office, log10 of US dollars.';
comment on column public.published_predictions.as_of is 'Date from which the prediction looks; nothing known later entered.';
comment on column public.published_predictions.model_version is 'The model that made the prediction.';
comment on column public.published_predictions.predicted_at is 'When the prediction was made.';

comment on view public.upcoming_predictions is
    'Films not yet released at the newest as_of, each with the champion''s prediction.';
comment on column public.upcoming_predictions.film_id is 'Number of the film.';
comment on column public.upcoming_predictions.title is 'Title.';
comment on column public.upcoming_predictions.release_date is
    'Release date as known at as_of. Where only the month or the year was known, its last day.';
comment on column public.upcoming_predictions.release_precision is 'What of release_date was known: day, month or year.';
comment on column public.upcoming_predictions.predicted_dollars is 'Predicted box office in US dollars.';
comment on column public.upcoming_predictions.predicted_log10_dollars is 'Predicted box office, log10 of US dollars.';
comment on column public.upcoming_predictions.as_of is 'Date from which the prediction looks; nothing known later entered.';
comment on column public.upcoming_predictions.model_version is 'The model that made the prediction.';
comment on column public.upcoming_predictions.predicted_at is 'When the prediction was made.';

create view public.prediction_accuracy as
select
    p.film_id,
    f.title,
    p.release_date,
    p.release_precision,
    p.as_of,
    p.model_version,
    p.dollars as predicted_dollars,
    made.dollars as actual_dollars,
    p.log10_dollars - log(made.dollars)::double precision as error_log10
from pel.predictions p
join pel.films f using (film_id)
join lateral (
    select b.dollars
    from pel.box_office b
    where b.film_id = p.film_id
      and b.known_on <= current_date
    order by b.known_on desc, b.source
    limit 1
) made on true;
comment on view public.prediction_accuracy is
    'Every prediction ever made whose film''s box office is known today, beside what the film made.';
comment on column public.prediction_accuracy.film_id is 'Number of the film.';
comment on column public.prediction_accuracy.title is 'Title.';
comment on column public.prediction_accuracy.release_date is 'Release date as known at as_of.';
comment on column public.prediction_accuracy.release_precision is 'What of release_date was known: day, month or year.';
comment on column public.prediction_accuracy.as_of is 'Date from which the prediction looked.';
comment on column public.prediction_accuracy.model_version is 'The model that made the prediction.';
comment on column public.prediction_accuracy.predicted_dollars is 'Predicted box office in US dollars.';
comment on column public.prediction_accuracy.actual_dollars is 'Box office in US dollars as known today.';
comment on column public.prediction_accuracy.error_log10 is
    'Predicted less actual, log10: 0.3 is twice too high, -0.3 half of what it made.';

create view public.model_scoreboard as
select
    m.model_version,
    m.as_of,
    m.created_at,
    (m.metrics #>> '{held_out,start}')::date as held_out_start,
    (m.metrics #>> '{held_out,films}')::integer as films,
    score.predictor,
    (score.figures ->> 'r2')::double precision as r2_log10,
    (score.figures ->> 'mse')::double precision as mse_log10,
    (score.figures ->> 'mae')::double precision as mae_log10
from pel.model_versions m
cross join lateral jsonb_each(m.metrics #> '{held_out,scores}') as score (predictor, figures)
where m.kind = 'finetuned';
comment on view public.model_scoreboard is
    'Held-out figures of every fine-tuned model: on the last two years of settled films before its as_of, '
    'which no fit and no weight had seen. Beside the ensemble stand its base models and the mean of the training films.';
comment on column public.model_scoreboard.model_version is 'The model.';
comment on column public.model_scoreboard.as_of is 'Date from which the fit looked.';
comment on column public.model_scoreboard.created_at is 'When the model was registered.';
comment on column public.model_scoreboard.held_out_start is 'First day of the held-out window.';
comment on column public.model_scoreboard.films is 'Films in the held-out window.';
comment on column public.model_scoreboard.predictor is 'ensemble, a base model (first layer), or training_mean.';
comment on column public.model_scoreboard.r2_log10 is 'Coefficient of determination, in log10 dollars.';
comment on column public.model_scoreboard.mse_log10 is 'Mean squared error, in log10 dollars.';
comment on column public.model_scoreboard.mae_log10 is 'Mean absolute error, in log10 dollars.';
