-- The films that wait for the checks.
create temporary table resolving on commit drop as
select film_id from pel.pending_films;
create unique index on resolving (film_id);
analyze resolving;

delete from pel.pending_films;
