-- Keep predictions that are not kept yet. Parameters: as_of, model_version, film_ids, log10_dollars.
insert into pel.predictions (film_id, as_of, model_version, release_date, release_precision, log10_dollars)
select f.film_id, %(as_of)s, %(model_version)s, f.release_date, f.release_precision, p.log10_dollars
from unnest(%(film_ids)s::bigint[], %(log10_dollars)s::double precision[]) as p (film_id, log10_dollars)
join pel.films f using (film_id)
on conflict (as_of, model_version, film_id) do nothing
returning film_id
