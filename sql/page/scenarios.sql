-- what was asked about the film, the newest first, and the answers that there are
select scenario_id, release_date, budget, predicted_dollars, low_80_dollars, high_80_dollars, base_dollars, factor,
    error, scored_at
from scenario_predictions
where film_id = %(film_id)s
order by scenario_id desc
limit 20
