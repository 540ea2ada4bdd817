-- The day on which TMDB's changes were last read to their end.
select max((started_at at time zone 'UTC')::date) as day
from pel.ingest_runs
where source = 'tmdb' and state = 'succeeded' and location like '%&changes=%'
