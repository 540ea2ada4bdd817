-- Bring film_attributes (X_t) up to date for one as_of. Parameter: as_of.
-- A film looks back from known_at: its own release or, while it is upcoming at as_of, as_of itself. It sees only films
-- released before known_at, and only figures known by then. Done again are the films that changed, those whose people's
-- films changed, and those whose known_at moves with as_of; an emptied table is thereby rebuilt in full.

create temporary table stale on commit drop as
with dated as (
    select film_id, least(release_earliest, %(as_of)s::date) as known_at
    from pel.films
    where release_date is not null
)
select d.film_id, d.known_at
from dated d
left join pel.film_attributes a using (film_id)
where a.film_id is null or a.known_at <> d.known_at
union
select d.film_id, d.known_at
from dated d
where d.film_id in (select film_id from pel.stale_films)
   or d.film_id in (select c.film_id from pel.stale_people join pel.credits c using (person_id));
create unique index on stale (film_id);
analyze stale;

delete from pel.film_attributes a
using pel.films f
where f.film_id = a.film_id and f.release_date is null;

create temporary table track_records on commit drop as
with asking as (
    select c.person_id, c.role, s.film_id, s.known_at
    from stale s
    join pel.credits c using (film_id)
),
person_films as (
    select c.person_id, c.role, c.film_id
    from (select distinct person_id, role from asking) p
    join pel.credits c using (person_id, role)
),
box_office as (
    -- a figure that replaces an earlier one counts by what it adds to it
    select film_id, known_on,
           log(dollars)::double precision
               - coalesce(lag(log(dollars)::double precision) over film, 0) as log10_dollars,
           (lag(known_on) over film is null)::integer as films
    from pel.box_office
    where film_id in (select film_id from person_films)
    window film as (partition by film_id order by known_on, source)
),
ratings as (
    select film_id, known_on,
           rating::double precision - coalesce(lag(rating::double precision) over film, 0) as rating,
           (lag(known_on) over film is null)::integer as films
    from pel.ratings
    where film_id in (select film_id from person_films)
    window film as (partition by film_id order by known_on, source)
),
events as (
    -- what becomes known about a person, and when; asked = 1 marks a film that wants to know
    select p.person_id, p.role, f.release_date + 1 as day, 0 as asked, p.film_id,
           1 as films, 0 as paid, 0.0::double precision as log10_dollars, 0 as rated, 0.0::double precision as rating
    from person_films p
    join pel.films f using (film_id)
    where f.release_date is not null
    union all
    -- a figure dated before the release cannot be one of the finished film: it counts from the day after
    select p.person_id, p.role, greatest(b.known_on, f.release_date + 1), 0, p.film_id, 0, b.films, b.log10_dollars, 0, 0
    from person_films p
    join box_office b using (film_id)
    join pel.films f using (film_id)
    where f.release_date is not null
    union all
    select p.person_id, p.role, greatest(r.known_on, f.release_date + 1), 0, p.film_id, 0, 0, 0, r.films, r.rating
    from person_films p
    join ratings r using (film_id)
    join pel.films f using (film_id)
    where f.release_date is not null
    union all
    select person_id, role, known_at, 1, film_id, 0, 0, 0, 0, 0
    from asking
),
known as (
    -- the order within a day is fixed, so that sums of floating-point numbers are the same in every run
    select person_id, role, film_id, asked,
           sum(films) over past as films,
           sum(paid) over past as paid,
           sum(log10_dollars) over past as log10_dollars,
           sum(rated) over past as rated,
           sum(rating) over past as rating
    from events
    window past as (
        partition by person_id, role
        order by day, asked, film_id, films, paid, log10_dollars, rated, rating
        rows unbounded preceding
    )
)
select
    film_id,
    role,
    avg(films)::double precision as films,
    avg(paid)::double precision as paid,
    sum(log10_dollars order by person_id) / nullif(sum(paid), 0)::double precision as box_office,
    sum(rating order by person_id) / nullif(sum(rated), 0)::double precision as rating
from known
where asked = 1
group by film_id, role;
create index on track_records (film_id, role);
analyze track_records;

insert into pel.film_attributes (
    film_id, known_at,
    director_films, director_box_office, director_box_office_films, director_rating,
    cast_films, cast_box_office, cast_box_office_films, cast_rating,
    budget, genres, release_year, release_week
)
select
    s.film_id,
    s.known_at,
    coalesce(director.films, 0), director.box_office, coalesce(director.paid, 0), director.rating,
    coalesce(actors.films, 0), actors.box_office, coalesce(actors.paid, 0), actors.rating,
    log(f.budget)::double precision,
    coalesce(g.genres, '{}'),
    extract(year from f.release_date)::integer,
    case when f.release_precision = 'day' then extract(week from f.release_date)::integer end
from stale s
join pel.films f using (film_id)
left join track_records director on director.film_id = s.film_id and director.role = 'director'
left join track_records actors on actors.film_id = s.film_id and actors.role = 'cast'
left join lateral (
    select array_agg(n.name order by n.name collate "C") as genres
    from pel.film_genres l
    join pel.genres n using (genre_id)
    where l.film_id = s.film_id
) g on true
on conflict (film_id) do update set
    known_at = excluded.known_at,
    director_films = excluded.director_films,
    director_box_office = excluded.director_box_office,
    director_box_office_films = excluded.director_box_office_films,
    director_rating = excluded.director_rating,
    cast_films = excluded.cast_films,
    cast_box_office = excluded.cast_box_office,
    cast_box_office_films = excluded.cast_box_office_films,
    cast_rating = excluded.cast_rating,
    budget = excluded.budget,
    genres = excluded.genres,
    release_year = excluded.release_year,
    release_week = excluded.release_week;

delete from pel.stale_people;
