-- The films of one purpose with X_t and D_t, in the order (release_date, film_id), as known at as_of.
-- Beside X_t what else is known of a film, and the budgets of its rivals in tens of millions of dollars: of the other
-- films dated to the day that are released around it. Parameters: as_of; horizon_days; least_dollars; film_id (null: all
-- films of the purpose), with first_day and last_day that hold all films of which its row tells (all: infinity); purpose:
--   pretrain   A: released films whose rating is known, label: that rating
--   finetune   B: released films whose box office is known and at least least_dollars, label: its log10 dollars
--   publish    films not yet released, up to the horizon, no label
with labels as (
    select distinct on (film_id) film_id, known_on, rating::double precision as label
    from pel.plausible_ratings
    where %(purpose)s = 'pretrain'
      and known_on <= %(as_of)s
      and (%(film_id)s::bigint is null or film_id = %(film_id)s)
    order by film_id, known_on desc, rank, source, observed_on desc nulls last
),
box_office as (
    select distinct on (film_id) film_id, known_on, log(dollars)::double precision as label
    from pel.plausible_box_office
    where %(purpose)s <> 'pretrain'
      and known_on <= %(as_of)s
      and (%(film_id)s::bigint is null or film_id = %(film_id)s)
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
    where %(purpose)s = 'finetune' and f.release_date < %(as_of)s and b.label >= log(%(least_dollars)s)
    union all
    select f.film_id, null, null
    from pel.films f
    where %(purpose)s = 'publish'
      and f.release_date > %(as_of)s
      and f.release_date <= %(as_of)s::date + %(horizon_days)s
      and (%(film_id)s::bigint is null or f.film_id = %(film_id)s)
      and f.film_id not in (select film_id from box_office)
),
-- Whole dollars: of these a window sums exactly, and takes off at its one end what it adds at the other.
dated as (
    select f.film_id, f.release_date, coalesce(b.dollars, 0) as dollars
    from pel.films f
    left join (
        select distinct on (film_id) film_id, round(dollars)::bigint as dollars
        from pel.plausible_budgets
        order by film_id, rank, source
    ) b using (film_id)
    where f.release_precision = 'day' and f.release_date between %(first_day)s and %(last_day)s
),
competition as (
    select
        film_id,
        (sum(dollars) over before_it - dollars)::double precision / 1e7 as rivals_before,
        (sum(dollars) over near_it - dollars)::double precision / 1e7 as rivals_near,
        (sum(dollars) over after_it - dollars)::double precision / 1e7 as rivals_after
    from dated
    window before_it as (order by release_date range between interval '14 days' preceding and current row),
           near_it as (order by release_date range between interval '3 days' preceding and interval '4 days' following),
           after_it as (order by release_date range between current row and interval '14 days' following)
)
select
    film_id,
    f.title,
    f.release_earliest as released,
    f.release_date,
    f.release_precision,
    w.known_on,
    w.label,
    x.director_films,
    x.director_box_office,
    x.director_box_office_films,
    x.director_rating,
    x.director_budget,
    x.director_return,
    x.director_total,
    x.director_best,
    x.director_days,
    x.cast_films,
    x.cast_box_office,
    x.cast_box_office_films,
    x.cast_rating,
    x.cast_budget,
    x.cast_return,
    x.cast_total,
    x.cast_best,
    x.cast_days,
    x.collection_films,
    x.collection_box_office,
    x.collection_box_office_films,
    x.collection_rating,
    x.collection_budget,
    x.collection_return,
    x.collection_total,
    x.collection_best,
    x.collection_days,
    x.company_films,
    x.company_box_office,
    x.company_box_office_films,
    x.company_rating,
    x.company_budget,
    x.company_return,
    x.company_total,
    x.company_best,
    x.company_days,
    x.budget,
    array_to_json(x.genres) as genres,
    x.release_year,
    x.release_week,
    array_to_json(array(
        select n.name from pel.film_countries l join pel.countries n using (country_id)
        where l.film_id = w.film_id order by n.name collate "C"
    )) as countries,
    array_to_json(array(
        select n.name from pel.film_languages l join pel.languages n using (language_id)
        where l.film_id = w.film_id order by n.name collate "C"
    )) as languages,
    (select count(*) from pel.film_companies l where l.film_id = w.film_id) as companies,
    (select count(*) from pel.credits l where l.film_id = w.film_id and l.role = 'cast') as cast_members,
    c.rivals_before,
    c.rivals_near,
    c.rivals_after,
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
left join pel.temporal_deltas_between(%(first_day)s, %(last_day)s) d using (film_id)
left join competition c using (film_id)
order by f.release_date, film_id
