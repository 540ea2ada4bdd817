-- The films of which another word may be in force as of this date than as of that of the last refresh. Those of which a
-- word still waits for the checks stay as they are. Parameter: as_of.
create temporary table resolving on commit drop as
select distinct r.film_id
from pel.film_records r
join pel.films f using (film_id)
where r.valid_from > '-infinity'
  and r.valid_from > least(%(as_of)s, (select as_of from pel.refreshes))
  and r.film_id not in (select film_id from pel.pending_films);
create unique index on resolving (film_id);
analyze resolving;
