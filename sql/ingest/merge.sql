-- Compare the staged records with what is kept, and take in what is new or changed. One transaction, repeatable.
-- Parameters: source, ingest_run_id, settle_days.

create index on staged (source_key, line);
analyze staged;

-- A second record of the same key is set aside; the first of the run counts.
insert into staged_rejects (reason, raw)
select 'key: a record of ' || s.source_key || ' came before in this run', s.record::text
from staged s
where exists (select from staged e where e.source_key = s.source_key and e.line < s.line);

delete from staged s
where exists (select from staged e where e.source_key = s.source_key and e.line < s.line);

create temporary table unchanged on commit drop as
select s.source_key
from staged s
join pel.films f on f.source = %(source)s and f.source_key = s.source_key
where f.record_sha256 = s.record_sha256;

-- The films that are new or changed, unpacked.
create temporary table arrived on commit drop as
select s.source_key, s.record_sha256, r.*
from staged s
cross join lateral jsonb_to_record(s.record) as r (
    title text, release_date date, release_precision text, runtime_minutes integer, budget numeric,
    directors jsonb, "cast" jsonb,
    genres jsonb, companies jsonb, collections jsonb, countries jsonb, languages jsonb,
    rating jsonb, box_office jsonb
)
where s.source_key not in (select source_key from unchanged);
create index on arrived (source_key);
analyze arrived;

create temporary table inserted on commit drop as
with new_films as (
    -- in the order of films, so that the same load gives the same numbers
    insert into pel.films (source, source_key, title, release_date, release_precision, runtime_minutes, budget,
                           record_sha256, ingest_run_id)
    select %(source)s, source_key, title, release_date, release_precision, runtime_minutes, budget,
           record_sha256, %(ingest_run_id)s
    from arrived s
    where not exists (select from pel.films f where f.source = %(source)s and f.source_key = s.source_key)
    order by release_date, source_key
    returning film_id, source_key
)
select * from new_films;

create temporary table updated on commit drop as
with changed_films as (
    update pel.films f
    set title = s.title,
        release_date = s.release_date,
        release_precision = s.release_precision,
        runtime_minutes = s.runtime_minutes,
        budget = s.budget,
        record_sha256 = s.record_sha256,
        ingest_run_id = %(ingest_run_id)s
    from arrived s
    where f.source = %(source)s
      and f.source_key = s.source_key
      and f.record_sha256 <> s.record_sha256
    returning f.film_id, f.source_key
)
select * from changed_films;

create temporary table changed on commit drop as
select film_id, source_key from inserted
union all
select film_id, source_key from updated;
create index on changed (source_key);
create index on changed (film_id);
analyze changed;

insert into pel.stale_films (film_id)
select film_id from changed
on conflict do nothing;

-- People who lose a film, and below those who have or gain one: their other films look back on it.
insert into pel.stale_people (person_id)
select distinct c.person_id
from updated u
join pel.credits c using (film_id)
on conflict do nothing;

delete from pel.credits c using updated u where c.film_id = u.film_id;

create temporary table staged_credits on commit drop as
select c.film_id, listed.role, credit ->> 'name' as name, (credit ->> 'billing')::integer as billing, place
from changed c
join arrived s using (source_key)
cross join lateral (values ('director', s.directors), ('cast', s."cast")) as listed (role, credits)
cross join lateral jsonb_array_elements(listed.credits) with ordinality as entry (credit, place);

insert into pel.people (source, source_key, name)
select %(source)s, n.name, n.name
from (select distinct name from staged_credits) n
where not exists (select from pel.people p where p.source = %(source)s and p.source_key = n.name)
order by n.name;

insert into pel.credits (film_id, person_id, role, billing)
select distinct on (c.film_id, c.role, p.person_id) c.film_id, p.person_id, c.role, c.billing
from staged_credits c
join pel.people p on p.source = %(source)s and p.source_key = c.name
order by c.film_id, c.role, p.person_id, c.place;

insert into pel.stale_people (person_id)
select distinct c.person_id
from changed
join pel.credits c using (film_id)
on conflict do nothing;

-- Figures without a date of observation are the source's one current word: the new one takes the place of the old.
delete from pel.ratings r
using updated u
where r.film_id = u.film_id and r.source = %(source)s and r.observed_on is null;

insert into pel.ratings (film_id, source, known_on, rating, votes, observed_on)
select c.film_id, %(source)s, coalesce(r.observed_on, s.release_date + %(settle_days)s), r.value, r.votes, r.observed_on
from changed c
join arrived s using (source_key)
cross join lateral jsonb_to_record(s.rating) as r (value numeric, votes integer, observed_on date)
where r.value is not null and coalesce(r.observed_on, s.release_date) is not null
on conflict (film_id, source, known_on) do update
set rating = excluded.rating, votes = excluded.votes, observed_on = excluded.observed_on;

delete from pel.box_office b
using updated u
where b.film_id = u.film_id and b.source = %(source)s and b.observed_on is null;

insert into pel.box_office (film_id, source, known_on, dollars, observed_on)
select c.film_id, %(source)s, coalesce(b.observed_on, s.release_date + %(settle_days)s), b.dollars, b.observed_on
from changed c
join arrived s using (source_key)
cross join lateral jsonb_to_record(s.box_office) as b (dollars numeric, observed_on date)
where b.dollars is not null and coalesce(b.observed_on, s.release_date) is not null
on conflict (film_id, source, known_on) do update
set dollars = excluded.dollars, observed_on = excluded.observed_on;

insert into pel.rejected_records (source, reason, raw, first_ingest_run_id, last_ingest_run_id)
select distinct %(source)s, reason, raw, %(ingest_run_id)s::bigint, %(ingest_run_id)s::bigint
from staged_rejects
on conflict (source, md5(reason), md5(raw)) do update
set last_ingest_run_id = excluded.last_ingest_run_id;
