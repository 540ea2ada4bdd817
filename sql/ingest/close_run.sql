-- The source has been read to its end. Parameters: source, location, ingest_run_id.
delete from pel.finished_batches where source = %(source)s and location = %(location)s;

update pel.ingest_runs
set state = 'succeeded', finished_at = clock_timestamp()
where ingest_run_id = %(ingest_run_id)s
returning ingest_run_id, records_read, inserted, updated, unchanged, rejected, rejected_by_reason
