-- Bring film_attributes (X_t) up to date for one as_of. Parameter: as_of.
-- A film looks back from known_at: its own release or, while it is upcoming at as_of, as_of itself. It sees only films
-- released before known_at, and only figures known by then. Done again are the films that changed and those whose
-- known_at moves with as_of; and of films that look back on a history that changed, what they have from it. An emptied
-- table is rebuilt in full.

create temporary table changed on commit drop as
select film_id, release_date, release_earliest
from pel.films
where not exists (select from pel.film_attributes)
union all
select f.film_id, f.release_date, f.release_earliest
from pel.stale_films
join pel.films f using (film_id)
where exists (select from pel.film_attributes);
create unique index on changed (film_id);
analyze changed;

create temporary table stale on commit drop as
select film_id, least(release_earliest, %(as_of)s::date) as known_at
from changed
where release_date is not null
union
select f.film_id, least(f.release_earliest, %(as_of)s::date)
from pel.films f
join pel.film_attributes a using (film_id)
where f.release_earliest > least(%(as_of)s::date, (select as_of from pel.refreshes))
  and a.known_at <> least(f.release_earliest, %(as_of)s::date);
create unique index on stale (film_id);
analyze stale;

delete from pel.film_attributes a using changed c where a.film_id = c.film_id and c.release_date is null;

-- What becomes known of the films that changed. A figure that replaces an earlier one counts by what it adds to it; one
-- from before the release counts from the day after.
delete from pel.film_events e using changed c where e.film_id = c.film_id;

insert into pel.film_events (film_id, day, films, paid, micro_log10, rated, centi_rating)
with paid as (
    select film_id, known_on, (lag(micro_log10) over film is null)::integer as paid,
           micro_log10 - coalesce(lag(micro_log10) over film, 0) as micro_log10
    from (
        select film_id, known_on, rank, source, observed_on,
               round(log(dollars::double precision) * 1e6)::integer as micro_log10
        from pel.plausible_box_office
        where film_id in (select film_id from changed)
    ) figures
    window film as (partition by film_id order by known_on, rank desc, source desc, observed_on nulls first)
),
rated as (
    select film_id, known_on, (lag(centi_rating) over film is null)::integer as rated,
           centi_rating - coalesce(lag(centi_rating) over film, 0) as centi_rating
    from (
        select film_id, known_on, rank, source, observed_on, round(rating * 100)::integer as centi_rating
        from pel.plausible_ratings
        where film_id in (select film_id from changed)
    ) figures
    window film as (partition by film_id order by known_on, rank desc, source desc, observed_on nulls first)
)
select film_id, day, sum(films), sum(paid), sum(micro_log10), sum(rated), sum(centi_rating)
from (
    select film_id, release_date + 1 as day, 1 as films, 0 as paid, 0 as micro_log10, 0 as rated, 0 as centi_rating
    from changed
    where release_date is not null
    union all
    select film_id, greatest(p.known_on, c.release_date + 1), 0, p.paid, p.micro_log10, 0, 0
    from paid p
    join changed c using (film_id)
    where c.release_date is not null
    union all
    select film_id, greatest(r.known_on, c.release_date + 1), 0, 0, 0, r.rated, r.centi_rating
    from rated r
    join changed c using (film_id)
    where c.release_date is not null
) news
group by film_id, day
order by film_id, day;

create temporary table asking on commit drop as
select p.kind, p.participant_id, s.film_id, s.known_at
from stale s
join pel.participations p using (film_id)
union all
select p.kind, p.participant_id, touched.film_id, touched.known_at
from (
    select distinct h.kind, a.film_id, a.known_at
    from pel.stale_histories h
    join pel.participations p using (kind, participant_id)
    join pel.film_attributes a using (film_id)
    where a.known_at > h.since
      and not exists (select from stale s where s.film_id = a.film_id)
) touched
join pel.participations p using (kind, film_id);
analyze asking;

create temporary table histories on commit drop as
with told as (
    -- within a day, those who ask (film_id) come last
    select p.kind, p.participant_id, e.day, null::bigint as film_id, e.films, e.paid, e.micro_log10, e.rated, e.centi_rating
    from (select distinct kind, participant_id from asking) asked
    join pel.participations p using (kind, participant_id)
    join pel.film_events e using (film_id)
    union all
    select kind, participant_id, known_at, film_id, 0, 0, 0, 0, 0
    from asking
),
known as (
    select film_id, kind,
           sum(films) over past as films,
           sum(paid) over past as paid,
           sum(micro_log10) over past as micro_log10,
           sum(rated) over past as rated,
           sum(centi_rating) over past as centi_rating
    from told
    window past as (
        partition by participant_id, kind
        order by day, film_id is not null
        rows unbounded preceding
    )
)
select
    film_id,
    count(*) filter (where kind = 'director') as director_histories,
    avg(films) filter (where kind = 'director')::double precision as director_films,
    sum(micro_log10) filter (where kind = 'director') / (1e6 * nullif(sum(paid) filter (where kind = 'director'), 0))::double precision
        as director_box_office,
    avg(paid) filter (where kind = 'director')::double precision as director_box_office_films,
    sum(centi_rating) filter (where kind = 'director') / (1e2 * nullif(sum(rated) filter (where kind = 'director'), 0))::double precision
        as director_rating,
    count(*) filter (where kind = 'cast') as cast_histories,
    avg(films) filter (where kind = 'cast')::double precision as cast_films,
    sum(micro_log10) filter (where kind = 'cast') / (1e6 * nullif(sum(paid) filter (where kind = 'cast'), 0))::double precision
        as cast_box_office,
    avg(paid) filter (where kind = 'cast')::double precision as cast_box_office_films,
    sum(centi_rating) filter (where kind = 'cast') / (1e2 * nullif(sum(rated) filter (where kind = 'cast'), 0))::double precision
        as cast_rating,
    count(*) filter (where kind = 'collection') as collection_histories,
    avg(films) filter (where kind = 'collection')::double precision as collection_films,
    sum(micro_log10) filter (where kind = 'collection') / (1e6 * nullif(sum(paid) filter (where kind = 'collection'), 0))::double precision
        as collection_box_office,
    avg(paid) filter (where kind = 'collection')::double precision as collection_box_office_films,
    sum(centi_rating) filter (where kind = 'collection') / (1e2 * nullif(sum(rated) filter (where kind = 'collection'), 0))::double precision
        as collection_rating,
    count(*) filter (where kind = 'company') as company_histories,
    avg(films) filter (where kind = 'company')::double precision as company_films,
    sum(micro_log10) filter (where kind = 'company') / (1e6 * nullif(sum(paid) filter (where kind = 'company'), 0))::double precision
        as company_box_office,
    avg(paid) filter (where kind = 'company')::double precision as company_box_office_films,
    sum(centi_rating) filter (where kind = 'company') / (1e2 * nullif(sum(rated) filter (where kind = 'company'), 0))::double precision
        as company_rating
from known
where film_id is not null
group by film_id;
create unique index on histories (film_id);
analyze histories;

insert into pel.film_attributes (
    film_id, known_at,
    director_films, director_box_office, director_box_office_films, director_rating,
    cast_films, cast_box_office, cast_box_office_films, cast_rating,
    collection_films, collection_box_office, collection_box_office_films, collection_rating,
    company_films, company_box_office, company_box_office_films, company_rating,
    budget, genres, release_year, release_week
)
select
    s.film_id,
    s.known_at,
    coalesce(h.director_films, 0), h.director_box_office, coalesce(h.director_box_office_films, 0), h.director_rating,
    coalesce(h.cast_films, 0), h.cast_box_office, coalesce(h.cast_box_office_films, 0), h.cast_rating,
    coalesce(h.collection_films, 0), h.collection_box_office, coalesce(h.collection_box_office_films, 0), h.collection_rating,
    h.company_films, h.company_box_office, h.company_box_office_films, h.company_rating,
    b.log10_dollars,
    coalesce(g.genres, '{}'),
    extract(year from f.release_date)::integer,
    case when f.release_precision = 'day' then extract(week from f.release_date)::integer end
from stale s
join pel.films f using (film_id)
left join histories h using (film_id)
left join (
    select distinct on (film_id) film_id, log(dollars)::double precision as log10_dollars
    from pel.plausible_budgets
    where film_id in (select film_id from stale)
    order by film_id, rank, source
) b using (film_id)
left join (
    select l.film_id, array_agg(n.name order by n.name collate "C") as genres
    from pel.film_genres l
    join pel.genres n using (genre_id)
    where l.film_id in (select film_id from stale)
    group by l.film_id
) g using (film_id)
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
    collection_films = excluded.collection_films,
    collection_box_office = excluded.collection_box_office,
    collection_box_office_films = excluded.collection_box_office_films,
    collection_rating = excluded.collection_rating,
    company_films = excluded.company_films,
    company_box_office = excluded.company_box_office,
    company_box_office_films = excluded.company_box_office_films,
    company_rating = excluded.company_rating,
    budget = excluded.budget,
    genres = excluded.genres,
    release_year = excluded.release_year,
    release_week = excluded.release_week;

update pel.film_attributes a
set director_films = case when h.director_histories > 0 then h.director_films else a.director_films end,
    director_box_office = case when h.director_histories > 0 then h.director_box_office else a.director_box_office end,
    director_box_office_films = case when h.director_histories > 0 then h.director_box_office_films else a.director_box_office_films end,
    director_rating = case when h.director_histories > 0 then h.director_rating else a.director_rating end,
    cast_films = case when h.cast_histories > 0 then h.cast_films else a.cast_films end,
    cast_box_office = case when h.cast_histories > 0 then h.cast_box_office else a.cast_box_office end,
    cast_box_office_films = case when h.cast_histories > 0 then h.cast_box_office_films else a.cast_box_office_films end,
    cast_rating = case when h.cast_histories > 0 then h.cast_rating else a.cast_rating end,
    collection_films = case when h.collection_histories > 0 then h.collection_films else a.collection_films end,
    collection_box_office = case when h.collection_histories > 0 then h.collection_box_office else a.collection_box_office end,
    collection_box_office_films = case when h.collection_histories > 0 then h.collection_box_office_films else a.collection_box_office_films end,
    collection_rating = case when h.collection_histories > 0 then h.collection_rating else a.collection_rating end,
    company_films = case when h.company_histories > 0 then h.company_films else a.company_films end,
    company_box_office = case when h.company_histories > 0 then h.company_box_office else a.company_box_office end,
    company_box_office_films = case when h.company_histories > 0 then h.company_box_office_films else a.company_box_office_films end,
    company_rating = case when h.company_histories > 0 then h.company_rating else a.company_rating end
from histories h
where a.film_id = h.film_id
  and not exists (select from stale s where s.film_id = h.film_id);

delete from pel.stale_films;
delete from pel.stale_histories;

insert into pel.refreshes (as_of) values (%(as_of)s)
on conflict (one_row) do update set as_of = excluded.as_of;

select (select count(*) from stale) as films, (select count(*) from histories) as histories
