-- Ten years of nights: every night each of some 3,000 films that come out within a year is forecast; 10 million forecasts.
-- A model a month, a box office of every film that is out, two genres and a budget each.

insert into pel.films (title, release_date, release_precision)
select 'Film ' || n, date '2016-01-01' + (n * 3650 / 30000), 'day'
from generate_series(1, 30000) as n;

insert into pel.genres (name)
select 'Genre ' || n from generate_series(1, 20) as n;

insert into pel.film_genres (film_id, genre_id)
select f.film_id, g.genre_id
from pel.films f
join pel.genres g on g.genre_id % 20 in (f.film_id % 20, (7 * f.film_id + 3) % 20)
on conflict do nothing;

insert into pel.budgets (film_id, source, dollars)
select film_id, 'kaggle', 1e6 * (1 + film_id % 150) from pel.films;

insert into pel.box_office (film_id, source, known_on, dollars)
select film_id, 'kaggle', release_date + 180, round(10 ^ (6 + 2.7 * ((film_id * 7919) % 1000) / 1000.0))
from pel.films
where release_date < date '2024-06-01';

insert into pel.model_versions (
    model_version, kind, as_of, pretrained_version, code_version, data_sha256, parameters, metrics, artifact_url,
    artifact_sha256
)
values ('pretrained', 'pretrained', '2015-01-01', null, '', '', '{}', '{}', '', '');

insert into pel.model_versions (
    model_version, kind, as_of, pretrained_version, code_version, data_sha256, parameters, metrics, artifact_url,
    artifact_sha256
)
select 'finetuned-' || month::date, 'finetuned', month::date, 'pretrained', '', '', '{}', '{}', '', ''
from generate_series(date '2015-06-01', date '2025-12-01', interval '1 month') as month;

insert into pel.publications (as_of, model_version, films)
select night::date, 'finetuned-' || date_trunc('month', night)::date, 3000
from generate_series(date '2015-07-01', date '2024-12-31', interval '1 day') as night;

insert into pel.predictions (
    film_id, as_of, model_version, release_date, release_precision, log10_dollars, low_50, high_50, low_80, high_80,
    low_95, high_95, passes_10m, passes_50m, passes_100m, passes_500m, passes_budget
)
select
    f.film_id, p.as_of, p.model_version, f.release_date, 'day', x, x - 0.2, x + 0.2, x - 0.5, x + 0.4, x - 1, x + 0.8,
    0.9, 0.7, 0.5, 0.1, 0.5
from pel.publications p
join pel.films f on f.release_date > p.as_of and f.release_date <= p.as_of + 365
cross join lateral (select 6.1 + 2.7 * ((f.film_id * 7919) % 1000) / 1000.0 + (p.as_of - f.release_date) / 2000.0 as x) said
order by p.as_of, f.film_id;

-- What drives the forecasts of the last year, of seven attributes with three details each, and which films are like them; ten thousand scenarios.
insert into pel.explanations (film_id, as_of, model_version, base, effects, details, similar_films, similarities)
select
    p.film_id, p.as_of, p.model_version, 7.5, e.effects, e.details,
    array(select 1 + (p.film_id * n) % 15000 from generate_series(1, 10) as n), array_fill(0.5::real, array[10])
from pel.predictions p
cross join (
    select
        jsonb_object_agg('attribute ' || n, 0.1 * n) as effects,
        jsonb_object_agg('attribute ' || n, jsonb_build_object('one', 0.03 * n, 'two', 0.03 * n, 'three', 0.04 * n)) as details
    from generate_series(1, 7) as n
) e
where p.as_of >= date '2024-01-01';

insert into pel.scenarios (film_id, release_date)
select film_id, release_date + shift
from pel.films
cross join generate_series(-50, 49) as shift
where film_id between 27901 and 28000;

insert into pel.scenario_predictions (
    scenario_id, as_of, model_version, release_date, release_precision, log10_dollars, base_log10_dollars, low_50, high_50,
    low_80, high_80, low_95, high_95, created_at
)
select
    scenario_id, date '2024-12-31', 'finetuned-2024-12-01', release_date, 'day', 7.5, 7.4, 7.3, 7.7, 7, 7.9, 6.5, 8.3, now()
from pel.scenarios;
