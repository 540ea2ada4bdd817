-- Each source waits for its own checks: what they refuse of one holds up no other, and no later run is compared with it.

alter table pel.ingest_runs add column let_in boolean not null default false;
comment on column pel.ingest_runs.let_in is
    'Whether what the run brought was let in among the facts: the checks passed, or an operator said so.';

-- Of what waits so far only the films are known; the newest word on each is taken for it.
alter table pel.pending_films add column source text;
update pel.pending_films p
set source = newest.source
from (
    select distinct on (film_id) film_id, r.source
    from pel.pending_films
    join pel.film_records r using (film_id)
    order by film_id, r.ingest_run_id desc
) newest
where newest.film_id = p.film_id;
alter table pel.pending_films
    alter column source set not null,
    drop constraint pending_films_pkey,
    add primary key (film_id, source);
comment on table pel.pending_films is
    'Films of which a record came that is not among the facts yet, and from which source; the checks stand between.';
comment on column pel.pending_films.source is 'Who said it.';

update pel.ingest_runs
set let_in = true
where state = 'succeeded'
  and ingest_run_id not in (
      select max(r.ingest_run_id)
      from pel.pending_films
      join pel.film_records r using (film_id, source)
      group by film_id
  );

create or replace view pel.pending_records as
select
    r.film_record_id,
    r.source,
    r.source_key,
    r.record ->> 'title' as title,
    (r.record ->> 'release_date')::date as release_date,
    r.record ? 'reasons' as is_correction,
    jsonb_array_length(coalesce(r.record -> 'directors', '[]')) as directors,
    (r.record ->> 'budget')::numeric as budget,
    (r.record #>> '{box_office,dollars}')::numeric as box_office
from pel.film_records r
join pel.pending_films using (film_id, source)
where r.valid_until = 'infinity';

create or replace view pel.newest_ingest_runs as
select distinct on (r.source)
    r.ingest_run_id,
    r.source,
    r.records_read,
    r.rejected,
    (
        select before.records_read
        from pel.ingest_runs before
        where before.source = r.source
          and before.location = r.location
          and before.let_in
          and before.ingest_run_id < r.ingest_run_id
        order by before.ingest_run_id desc
        limit 1
    ) as records_read_before,
    r.location
from pel.ingest_runs r
where r.state = 'succeeded' and not r.let_in
order by r.source, r.ingest_run_id desc;
comment on view pel.newest_ingest_runs is
    'The newest run of each source that came to its end and was not let in among the facts yet, for the checks.';
comment on column pel.newest_ingest_runs.records_read_before is
    'Records found at that location by the last run that was let in, if there was one.';
comment on column pel.newest_ingest_runs.location is 'File or address that was read.';
