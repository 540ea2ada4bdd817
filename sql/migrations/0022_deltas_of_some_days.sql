-- D_t of the films of some days: one film's needs the film before it, and not all that there are. In a query its text stands
-- for it, so with bounds that are constants the planner knows how many films they leave.
create function pel.temporal_deltas_between(first_day date, last_day date)
returns table (
    film_id bigint,
    previous_film_id bigint,
    director_films double precision,
    director_box_office double precision,
    director_box_office_films double precision,
    director_rating double precision,
    cast_films double precision,
    cast_box_office double precision,
    cast_box_office_films double precision,
    cast_rating double precision,
    collection_films double precision,
    collection_box_office double precision,
    collection_box_office_films double precision,
    collection_rating double precision,
    company_films double precision,
    company_box_office double precision,
    company_box_office_films double precision,
    company_rating double precision,
    budget double precision,
    genres_added text[],
    genres_removed text[],
    release_days integer
)
language sql stable
begin atomic
    select
        film_id,
        previous_film_id,
        director_films,
        director_box_office,
        director_box_office_films,
        director_rating,
        cast_films,
        cast_box_office,
        cast_box_office_films,
        cast_rating,
        collection_films,
        collection_box_office,
        collection_box_office_films,
        collection_rating,
        company_films,
        company_box_office,
        company_box_office_films,
        company_rating,
        budget,
        case when previous_film_id is null then '{}'::text[]
            else array(select unnest(genres) collate "C" as genre except select unnest(previous_genres) order by genre)
        end as genres_added,
        case when previous_film_id is null then '{}'::text[]
            else array(select unnest(previous_genres) collate "C" as genre except select unnest(genres) order by genre)
        end as genres_removed,
        release_days
    from (
        select
            x.film_id,
            lag(x.film_id) over film_order as previous_film_id,
            x.director_films - lag(x.director_films) over film_order as director_films,
            x.director_box_office - lag(x.director_box_office) over film_order as director_box_office,
            x.director_box_office_films - lag(x.director_box_office_films) over film_order as director_box_office_films,
            x.director_rating - lag(x.director_rating) over film_order as director_rating,
            x.cast_films - lag(x.cast_films) over film_order as cast_films,
            x.cast_box_office - lag(x.cast_box_office) over film_order as cast_box_office,
            x.cast_box_office_films - lag(x.cast_box_office_films) over film_order as cast_box_office_films,
            x.cast_rating - lag(x.cast_rating) over film_order as cast_rating,
            x.collection_films - lag(x.collection_films) over film_order as collection_films,
            x.collection_box_office - lag(x.collection_box_office) over film_order as collection_box_office,
            x.collection_box_office_films - lag(x.collection_box_office_films) over film_order as collection_box_office_films,
            x.collection_rating - lag(x.collection_rating) over film_order as collection_rating,
            x.company_films - lag(x.company_films) over film_order as company_films,
            x.company_box_office - lag(x.company_box_office) over film_order as company_box_office,
            x.company_box_office_films - lag(x.company_box_office_films) over film_order as company_box_office_films,
            x.company_rating - lag(x.company_rating) over film_order as company_rating,
            x.budget - lag(x.budget) over film_order as budget,
            x.genres,
            lag(x.genres) over film_order as previous_genres,
            f.release_date - lag(f.release_date) over film_order as release_days
        from pel.films f
        join pel.film_attributes x using (film_id)
        where f.release_precision = 'day' and f.release_date between first_day and last_day
        window film_order as (order by f.release_date, film_id)
    ) in_order;
end;
comment on function pel.temporal_deltas_between(date, date) is
    'pel.temporal_deltas in an order that begins with first_day and ends with last_day.';
revoke execute on function pel.temporal_deltas_between(date, date) from public;
grant execute on function pel.temporal_deltas_between(date, date) to pel_pipeline;

create or replace view pel.temporal_deltas as
select
    film_id,
    previous_film_id,
    director_films,
    director_box_office,
    director_box_office_films,
    director_rating,
    cast_films,
    cast_box_office,
    cast_box_office_films,
    cast_rating,
    collection_films,
    collection_box_office,
    collection_box_office_films,
    collection_rating,
    company_films,
    company_box_office,
    company_box_office_films,
    company_rating,
    budget,
    genres_added collate "C" as genres_added,
    genres_removed collate "C" as genres_removed,
    release_days
from pel.temporal_deltas_between('-infinity', 'infinity');
