select
    film_id, title, release_date, release_precision, as_of,
    predicted_dollars, low_80_dollars, high_80_dollars, passes_100m, passes_budget, predicted_rating
from upcoming_predictions
order by predicted_dollars desc, film_id
