-- Make a scenario the facts, within a transaction that is rolled back, and mark its film as changed. The temporary table
-- named is filled (sql/scenarios/names.sql). A film that does not exist yet has the scenario's number, negative.
-- Parameter: scenario_id.
create temporary table supposed on commit drop as
select coalesce(film_id, -scenario_id) as film_id, film_id is null as is_new, title, release_date, budget, directors,
       cast_members, genres, companies, collection
from public.scenarios
where scenario_id = %(scenario_id)s;

insert into pel.films (film_id, title)
overriding system value
select film_id, coalesce(nullif(title, ''), 'scenario')
from supposed
where is_new;

-- as any film it is there by someone's word
insert into pel.film_records (source, source_key, film_id, record, record_sha256, seen_on, valid_from, ingest_run_id)
select 'scenario', (-film_id)::text, film_id, '{}', '', current_date, '-infinity', (select max(ingest_run_id) from pel.ingest_runs)
from supposed
where is_new;

update pel.films f
set release_date = s.release_date, release_precision = 'day'
from supposed s
where f.film_id = s.film_id and s.release_date <> coalesce(f.release_date, 'infinity');

delete from pel.budgets b using supposed s where b.film_id = s.film_id and s.budget is not null;
insert into pel.budgets (film_id, source, dollars)
select film_id, 'scenario', budget from supposed where budget is not null;

delete from pel.credits c
using supposed s
where c.film_id = s.film_id
  and (c.role = 'director' and s.directors is not null or c.role = 'cast' and s.cast_members is not null);
insert into pel.people (person_key, name)
select format('scenario:%%s:%%s', kind, place), coalesce(name, 'newcomer')
from named
where id is null and kind in ('director', 'cast');
insert into pel.credits (film_id, person_id, role, billing)
select s.film_id, coalesce(n.id, p.person_id), n.kind, nullif(n.place, 0)
from supposed s
join named n on n.kind in ('director', 'cast')
left join pel.people p on n.id is null and p.person_key = format('scenario:%%s:%%s', n.kind, n.place);

delete from pel.film_companies l using supposed s where l.film_id = s.film_id and s.companies is not null;
insert into pel.companies (name)
select format('scenario:%%s', place) from named where id is null and kind = 'company';
insert into pel.film_companies (film_id, company_id)
select distinct s.film_id, coalesce(n.id, c.company_id)
from supposed s
join named n on n.kind = 'company'
left join pel.companies c on n.id is null and c.name = format('scenario:%%s', n.place);

delete from pel.film_genres l using supposed s where l.film_id = s.film_id and s.genres is not null;
insert into pel.film_genres (film_id, genre_id)
select distinct s.film_id, n.id from supposed s join named n on n.kind = 'genre';

delete from pel.film_collections l using supposed s where l.film_id = s.film_id and s.collection is not null;
insert into pel.film_collections (film_id, collection_id)
select distinct s.film_id, n.id from supposed s join named n on n.kind = 'collection';

insert into pel.stale_films (film_id) select film_id from supposed on conflict do nothing
