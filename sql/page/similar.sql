select similar_film_id, similar_title, similar_release_date, similarity, actual_dollars
from similar_films
where film_id = %(film_id)s
  and as_of = (select max(as_of) from similar_films where film_id = %(film_id)s)
order by rank
