-- Bring temporal_deltas (D_t = X_t - X_(t-1)) up to date. Runs in the transaction of attributes.sql, after it, and does
-- again the films whose own row there was done again, and those whose predecessor was, or is another one now.
-- Films dated to the day are in the order (release_date, film_id); the others have no place in it and no delta.

create temporary table moved on commit drop as
select film_id from stale
union
select film_id from pel.stale_films;

create temporary table affected on commit drop as
select film_id from moved
union
select d.film_id
from pel.temporal_deltas d
where d.previous_film_id in (select film_id from moved)
union
select next.film_id
from moved m
join pel.films f using (film_id)
cross join lateral (
    select n.film_id
    from pel.films n
    where n.release_precision = 'day'
      and (n.release_date, n.film_id) > (f.release_date, f.film_id)
    order by n.release_date, n.film_id
    limit 1
) next
where f.release_precision = 'day'
union
-- a predecessor that went away
select film_id from pel.temporal_deltas where previous_film_id is null;

delete from pel.temporal_deltas d
using affected
join pel.films f using (film_id)
where d.film_id = affected.film_id and f.release_precision is distinct from 'day';

insert into pel.temporal_deltas (
    film_id, previous_film_id,
    director_films, director_box_office, director_box_office_films, director_rating,
    cast_films, cast_box_office, cast_box_office_films, cast_rating,
    budget, genres_added, genres_removed, release_days
)
select
    x.film_id,
    y.film_id,
    x.director_films - y.director_films,
    x.director_box_office - y.director_box_office,
    x.director_box_office_films - y.director_box_office_films,
    x.director_rating - y.director_rating,
    x.cast_films - y.cast_films,
    x.cast_box_office - y.cast_box_office,
    x.cast_box_office_films - y.cast_box_office_films,
    x.cast_rating - y.cast_rating,
    x.budget - y.budget,
    case when y.film_id is null then '{}'::text[]
        else array(select unnest(x.genres) collate "C" as genre except select unnest(y.genres) order by genre)
    end,
    case when y.film_id is null then '{}'::text[]
        else array(select unnest(y.genres) collate "C" as genre except select unnest(x.genres) order by genre)
    end,
    f.release_date - previous.release_date
from affected
join pel.films f using (film_id)
join pel.film_attributes x using (film_id)
left join lateral (
    select p.film_id, p.release_date
    from pel.films p
    where p.release_precision = 'day'
      and (p.release_date, p.film_id) < (f.release_date, f.film_id)
    order by p.release_date desc, p.film_id desc
    limit 1
) previous on true
left join pel.film_attributes y on y.film_id = previous.film_id
where f.release_precision = 'day'
on conflict (film_id) do update set
    previous_film_id = excluded.previous_film_id,
    director_films = excluded.director_films,
    director_box_office = excluded.director_box_office,
    director_box_office_films = excluded.director_box_office_films,
    director_rating = excluded.director_rating,
    cast_films = excluded.cast_films,
    cast_box_office = excluded.cast_box_office,
    cast_box_office_films = excluded.cast_box_office_films,
    cast_rating = excluded.cast_rating,
    budget = excluded.budget,
    genres_added = excluded.genres_added,
    genres_removed = excluded.genres_removed,
    release_days = excluded.release_days;

delete from pel.stale_films;

select (select count(*) from stale) as attributes, (select count(*) from affected) as deltas
