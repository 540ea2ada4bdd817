-- the newest forecast of the film, with what it made, if that is known
select p.*, a.actual_dollars, a.error_log10
from published_predictions p
left join prediction_accuracy a using (film_id, as_of, model_version)
where p.film_id = %(film_id)s
order by p.as_of desc
limit 1
