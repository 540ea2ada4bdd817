-- of each film whose box office is known, the last forecast before its release
select distinct on (film_id)
    film_id, title, release_date, release_precision, as_of, predicted_dollars, actual_dollars, error_log10, in_80
from prediction_accuracy
order by film_id, as_of desc
