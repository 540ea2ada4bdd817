-- Names that a film has several of: genres, companies, collections, countries, languages. Runs after merge.sql.
-- Identifiers: names (the table of names and the field of the record), links (its link table), id (its key).

create temporary table staged_names on commit drop as
select distinct c.film_id, n.name
from changed c
join arrived s using (source_key)
cross join lateral jsonb_array_elements_text(s.{names}) as n (name);

insert into pel.{names} (name)
select n.name
from (select distinct name from staged_names) n
where not exists (select from pel.{names} k where k.name = n.name)
order by n.name;

delete from pel.{links} l using updated u where l.film_id = u.film_id;

insert into pel.{links} (film_id, {id})
select s.film_id, k.{id}
from staged_names s
join pel.{names} k using (name);

drop table staged_names;
