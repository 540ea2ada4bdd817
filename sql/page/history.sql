select as_of, days_to_release, predicted_dollars, low_80_dollars, high_80_dollars, change_factor
from prediction_history
where film_id = %(film_id)s
order by as_of
