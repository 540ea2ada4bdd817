-- All that users see of the films upcoming at an as_of (the newest that was published, if null), the largest forecast
-- first. Parameters: as_of; limit, null for all.
select *
from published_predictions
where as_of = coalesce(%(as_of)s, (select max(as_of) from published_predictions))
order by predicted_dollars desc, film_id
limit %(limit)s
