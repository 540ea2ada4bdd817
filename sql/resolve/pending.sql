-- The films that waited for the checks of these sources, and wait for those of no other; and what goes on waiting.
-- Parameter: sources (null: all).
create temporary table resolving on commit drop as
select film_id
from pel.pending_films
group by film_id
having bool_and(coalesce(source = any(%(sources)s::text[]), true));
create unique index on resolving (film_id);
analyze resolving;

delete from pel.pending_films where coalesce(source = any(%(sources)s::text[]), true);

update pel.ingest_runs
set let_in = true
where state = 'succeeded' and not let_in and coalesce(source = any(%(sources)s::text[]), true);

select source, count(*) as films
from pel.pending_films
group by source
order by source
