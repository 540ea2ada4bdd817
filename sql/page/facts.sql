-- what is believed of the film
select field, value, source
from film_sources
where film_id = %(film_id)s
  and believed
  and field in ('budget', 'directors', 'cast', 'genres', 'companies', 'overview')
order by field
