-- The days that hold all films of which a film's row tells: its rivals, and the film before it. Parameters: film_id.
select
    least(
        f.release_date - 14,
        (
            select before.release_date
            from pel.films before
            join pel.film_attributes using (film_id)
            where before.release_precision = 'day'
              and (before.release_date, before.film_id) < (f.release_date, f.film_id)
            order by before.release_date desc, before.film_id desc
            limit 1
        )
    ) as first_day,
    f.release_date + 14 as last_day
from pel.films f
where f.film_id = %(film_id)s
