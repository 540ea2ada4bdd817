select run_id, source, started_at, finished_at, state, films_new, films_changed, rejected, error
from ingest_history
order by started_at desc
limit 200
