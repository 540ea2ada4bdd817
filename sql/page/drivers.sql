-- the newest explanation of the film, by attribute
select attribute, factor, effect_log10, average_dollars, predicted_dollars, as_of
from prediction_drivers
where film_id = %(film_id)s
  and detail is null
  and as_of = (select max(as_of) from prediction_drivers where film_id = %(film_id)s)
order by abs(effect_log10) desc, attribute
