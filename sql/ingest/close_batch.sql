-- Set the rejects aside and add to the run's counts what the batch did.
-- Parameters: source, location, batch, ingest_run_id, records_read.

insert into pel.rejected_records (source, reason, raw, first_ingest_run_id, last_ingest_run_id)
select distinct %(source)s, reason, raw, %(ingest_run_id)s::bigint, %(ingest_run_id)s::bigint
from staged_rejects
on conflict (source, md5(reason), md5(raw)) do update
set last_ingest_run_id = excluded.last_ingest_run_id;

insert into pel.finished_batches (source, location, batch) values (%(source)s, %(location)s, %(batch)s);

with reasons as (
    select reason, sum(records) as records
    from (
        select split_part(reason, ':', 1) as reason, count(*) as records
        from staged_rejects
        group by 1
        union all
        select earlier.key, earlier.value::bigint
        from pel.ingest_runs
        cross join lateral jsonb_each_text(rejected_by_reason) as earlier
        where ingest_run_id = %(ingest_run_id)s
    ) counted
    group by 1
)
update pel.ingest_runs
set records_read = records_read + %(records_read)s,
    inserted = inserted + (select count(*) from arrived where film_record_id is null),
    updated = updated + (select count(*) from arrived where film_record_id is not null),
    unchanged = unchanged + (select count(*) from staged) - (select count(*) from arrived),
    rejected = rejected + (select count(*) from staged_rejects),
    rejected_by_reason = coalesce((select jsonb_object_agg(reason, records) from reasons), '{}')
where ingest_run_id = %(ingest_run_id)s;
