-- The release may have moved, and with it the day on which a figure counts as settled. Parameter: settle_days.
update pel.box_office b
set known_on = greatest(b.observed_on, f.release_date + %(settle_days)s)
from resolving
join pel.films f using (film_id)
where b.film_id = resolving.film_id
  and b.known_on <> greatest(b.observed_on, f.release_date + %(settle_days)s);

update pel.ratings r
set known_on = f.release_date + %(settle_days)s
from resolving
join pel.films f using (film_id)
where r.film_id = resolving.film_id
  and r.observed_on is null
  and r.known_on <> f.release_date + %(settle_days)s;
