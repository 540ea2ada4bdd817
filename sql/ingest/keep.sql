-- Keep what arrived. Parameters: source, live, seen_on, ingest_run_id.

-- A word counts from the day on which it was seen, and not before the one whose place it takes: a clock may go back.
-- New figures alone are no new word on the film: they carry their own day of observation.
create temporary table reworded on commit drop as
select a.film_record_id
from arrived a
join pel.film_records r using (film_record_id)
where (a.record - array['rating', 'box_office']) <> (r.record - array['rating', 'box_office']);

update pel.film_records r
set valid_until = case when %(live)s then greatest(%(seen_on)s::date, r.valid_from) else '-infinity' end
from reworded
where r.film_record_id = reworded.film_record_id;

update pel.film_records r
set record = a.record, record_sha256 = a.record_sha256, ingest_run_id = %(ingest_run_id)s
from arrived a
where a.film_record_id = r.film_record_id
  and a.film_record_id not in (select film_record_id from reworded);

insert into pel.film_records (
    source, source_key, film_id, record, record_sha256, seen_on, valid_from, ingest_run_id
)
select
    %(source)s, a.source_key, a.film_id, a.record, a.record_sha256, %(seen_on)s,
    case when r.film_record_id is not null and %(live)s then greatest(%(seen_on)s::date, r.valid_from)
        else '-infinity'
    end,
    %(ingest_run_id)s
from arrived a
left join pel.film_records r using (film_record_id)
where a.film_record_id is null
   or a.film_record_id in (select film_record_id from reworded)
order by a.line;

insert into pel.pending_films (film_id, source)
select film_id, %(source)s from arrived
on conflict do nothing;
