-- What the ingest runs after this one did, in their order. Parameter: after.
select source, state, records_read, inserted, updated, unchanged, rejected, rejected_by_reason,
       round(extract(epoch from coalesce(finished_at, now()) - started_at))::integer as seconds
from pel.ingest_runs
where ingest_run_id > %(after)s
order by ingest_run_id
