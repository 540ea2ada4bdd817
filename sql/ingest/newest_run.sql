-- Number of the newest ingest run, 0 before the first.
select coalesce(max(ingest_run_id), 0) as ingest_run_id from pel.ingest_runs
