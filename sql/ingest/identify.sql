-- Which film is it? By the key of the source, else by its ids, else by title, year and director. Parameter: source.
-- One source never speaks of one film twice: a film that it knows under another key is not a candidate.

create temporary table found on commit drop as
select distinct on (film_id) source_key, film_id
from (
    select distinct on (a.source_key) a.source_key, a.line, i.film_id
    from arrived a
    cross join lateral jsonb_array_elements_text(a.record -> 'ids') with ordinality as listed (external_id, place)
    join pel.film_ids i using (external_id)
    where a.film_id is null
      and not exists (
          select
          from pel.film_records r
          where r.film_id = i.film_id and r.source = %(source)s and r.source_key <> a.source_key
      )
    order by a.source_key, listed.place
) by_id
order by film_id, line;

update arrived a
set film_id = f.film_id
from found f
where a.source_key = f.source_key and a.film_id is null;

truncate found;

insert into found (source_key, film_id)
with nameless as (
    select source_key, line, record, (record ->> 'release_date')::date as release_date,
           pel.comparable(record ->> 'title') as title
    from arrived
    where film_id is null and record ->> 'release_date' is not null
),
-- the films among the facts, and those that still wait for the checks
candidates as materialized (
    select f.film_id, extract(year from f.release_earliest) as year, pel.comparable(f.title) as title,
           null::jsonb as directors
    from pel.films f
    where f.release_earliest >= (select date_trunc('year', min(release_date)) from nameless)
      and f.release_earliest < (select date_trunc('year', max(release_date)) + interval '1 year' from nameless)
    union all
    select r.film_id, extract(year from (r.record ->> 'release_date')::date), pel.comparable(r.record ->> 'title'),
           r.record -> 'directors'
    from pel.pending_films
    join pel.film_records r using (film_id)
    where r.source <> %(source)s and r.valid_until = 'infinity' and exists (select from nameless)
)
select distinct on (film_id) source_key, film_id
from (
    select distinct on (n.source_key) n.source_key, n.line, f.film_id
    from nameless n
    join candidates f on f.year = extract(year from n.release_date) and f.title = n.title and n.title <> ''
    where not exists (select from pel.film_records r where r.film_id = f.film_id and r.source = %(source)s)
      and f.film_id not in (select film_id from arrived where film_id is not null)
      -- another number in the same catalogue is another film
      and not exists (
          select
          from pel.film_ids i
          cross join lateral jsonb_array_elements_text(n.record -> 'ids') as own (external_id)
          where i.film_id = f.film_id
            and split_part(i.external_id, ':', 1) = split_part(own.external_id, ':', 1)
            and i.external_id <> own.external_id
      )
      and exists (
          select
          from (
              select p.name
              from pel.credits c
              join pel.people p using (person_id)
              where c.film_id = f.film_id and c.role = 'director'
              union all
              select waiting ->> 'name' from jsonb_array_elements(f.directors) as waiting
          ) known
          cross join lateral jsonb_array_elements(n.record -> 'directors') as director
          where pel.comparable(known.name) = pel.comparable(director ->> 'name')
      )
    order by n.source_key, f.film_id
) by_name
order by film_id, line;

update arrived a
set film_id = f.film_id
from found f
where a.source_key = f.source_key and a.film_id is null;

-- What only overrules others cannot make a film.
with unknown as (
    delete from arrived
    where film_id is null and record ? 'reasons'
    returning source_key, record
)
insert into staged_rejects (reason, raw)
select 'key: there is no film ' || source_key, record::text
from unknown;

-- The others are new. In the order of films and without gaps, so that the same load gives the same numbers even if an
-- earlier try was rolled back: what a film borrows for what is unknown of it is drawn by its number. One batch at a time
-- comes here.
update arrived a
set film_id = n.film_id
from (
    select
        source_key,
        (select coalesce(max(film_id), 0) from pel.film_records)
            + row_number() over (order by (record ->> 'release_date')::date, source_key) as film_id
    from arrived
    where film_id is null
) n
where a.source_key = n.source_key and a.film_id is null;

insert into pel.film_ids (external_id, film_id)
select distinct on (external_id) external_id, a.film_id
from arrived a
cross join lateral jsonb_array_elements_text(a.record -> 'ids') as listed (external_id)
order by external_id, a.line
on conflict do nothing;
