-- Count what the merge did. Parameters: ingest_run_id, records_read.
update pel.ingest_runs
set state = 'succeeded',
    finished_at = clock_timestamp(),
    records_read = %(records_read)s,
    inserted = (select count(*) from inserted),
    updated = (select count(*) from updated),
    unchanged = (select count(*) from unchanged),
    rejected = (select count(*) from staged_rejects)
where ingest_run_id = %(ingest_run_id)s
returning ingest_run_id, records_read, inserted, updated, unchanged, rejected
