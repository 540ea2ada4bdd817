-- A run that never said how it ended was killed: the lock that it held is ours now. Parameters: source, location.
update pel.ingest_runs
set state = 'failed', finished_at = now(), error = 'It ended without a word: the process was killed.'
where source = %(source)s and state = 'running';

insert into pel.ingest_runs (source, location)
values (%(source)s, %(location)s)
returning ingest_run_id
