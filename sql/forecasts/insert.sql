-- Keep predictions that are not kept yet. Parameters: as_of, model_version; forecasts, JSON records by column.
insert into pel.predictions (
    film_id, as_of, model_version, release_date, release_precision, log10_dollars,
    low_50, high_50, low_80, high_80, low_95, high_95,
    passes_10m, passes_50m, passes_100m, passes_500m, passes_budget, rating
)
select
    f.film_id, %(as_of)s, %(model_version)s, f.release_date, f.release_precision, p.log10_dollars,
    p.low_50, p.high_50, p.low_80, p.high_80, p.low_95, p.high_95,
    p.passes_10m, p.passes_50m, p.passes_100m, p.passes_500m, p.passes_budget, p.rating
from jsonb_to_recordset(%(forecasts)s) as p (
    film_id bigint,
    log10_dollars double precision,
    low_50 double precision,
    high_50 double precision,
    low_80 double precision,
    high_80 double precision,
    low_95 double precision,
    high_95 double precision,
    passes_10m double precision,
    passes_50m double precision,
    passes_100m double precision,
    passes_500m double precision,
    passes_budget double precision,
    rating double precision
)
join pel.films f using (film_id)
on conflict (as_of, model_version, film_id) do nothing
returning film_id
