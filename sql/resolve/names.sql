-- Names that a film has several of: genres, companies, collections, countries, languages, keywords.
-- Identifiers: names (the table of names and the field of the record), links (its link table), id (its key).

create temporary table told_names on commit drop as
select facts.film_id, n.name
from facts
cross join lateral jsonb_to_record(facts.record) as record ({names} jsonb)
cross join lateral jsonb_array_elements_text(record.{names}) as n (name);

insert into pel.{names} (name)
select distinct name from told_names
order by name
on conflict do nothing;

delete from pel.{links} l using before where l.film_id = before.film_id;

insert into pel.{links} (film_id, {id})
select t.film_id, k.{id}
from told_names t
join pel.{names} k using (name);

drop table told_names;
