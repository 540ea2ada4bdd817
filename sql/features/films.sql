-- The films of one purpose with X_t and D_t, in the order (release_date, film_id), as known at as_of.
-- Parameters: as_of; horizon_days; purpose:
--   pretrain   A: released films whose rating is known, label: that rating
--   finetune   B: released films whose box office is known, label: its log10 dollars
--   publish    films not yet released, up to the horizon, no label
with labels as (
    select distinct on (film_id) film_id, known_on, rating::double precision as label
    from pel.plausible_ratings
    where %(purpose)s = 'pretrain' and known_on <= %(as_of)s
    order by film_id, known_on desc, rank, source, observed_on desc nulls last
),
box_office as (
    select distinct on (film_id) film_id, known_on, log(dollars)::double precision as label
    from pel.plausible_box_office
    where %(purpose)s <> 'pretrain' and known_on <= %(as_of)s
    order by film_id, known_on desc, rank, source, observed_on desc nulls last
),
wanted as (
    select f.film_id, l.known_on, l.label
    from pel.films f
    join labels l using (film_id)
    where f.release_date < %(as_of)s
    union all
    select f.film_id, b.known_on, b.label
    from pel.films f
    join box_office b using (film_id)
    where %(purpose)s = 'finetune' and f.release_date < %(as_of)s
    union all
    select f.film_id, null, null
    from pel.films f
    where %(purpose)s = 'publish'
      and f.release_date > %(as_of)s
      and f.release_date <= %(as_of)s::date + %(horizon_days)s
      and f.film_id not in (select film_id from box_office)
)
select
    film_id,
    f.release_earliest as released,
    f.release_date,
    f.release_precision,
    w.known_on,
    w.label,
    x.director_films,
    x.director_box_office,
    x.director_box_office_films,
    x.director_rating,
    x.cast_films,
    x.cast_box_office,
    x.cast_box_office_films,
    x.cast_rating,
    x.collection_films,
    x.collection_box_office,
    x.collection_box_office_films,
    x.collection_rating,
    x.company_films,
    x.company_box_office,
    x.company_box_office_films,
    x.company_rating,
    x.budget,
    array_to_json(x.genres) as genres,
    x.release_year,
    x.release_week,
    d.director_films as delta_director_films,
    d.director_box_office as delta_director_box_office,
    d.director_box_office_films as delta_director_box_office_films,
    d.director_rating as delta_director_rating,
    d.cast_films as delta_cast_films,
    d.cast_box_office as delta_cast_box_office,
    d.cast_box_office_films as delta_cast_box_office_films,
    d.cast_rating as delta_cast_rating,
    d.collection_films as delta_collection_films,
    d.collection_box_office as delta_collection_box_office,
    d.collection_box_office_films as delta_collection_box_office_films,
    d.collection_rating as delta_collection_rating,
    d.company_films as delta_company_films,
    d.company_box_office as delta_company_box_office,
    d.company_box_office_films as delta_company_box_office_films,
    d.company_rating as delta_company_rating,
    d.budget as delta_budget,
    array_to_json(d.genres_added) as genres_added,
    array_to_json(d.genres_removed) as genres_removed,
    d.release_days as delta_release_days
from wanted w
join pel.films f using (film_id)
join pel.film_attributes x using (film_id)
left join pel.temporal_deltas d using (film_id)
order by f.release_date, film_id
