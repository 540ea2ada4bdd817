-- What was upcoming at an as_of (the newest that was published, if null), the largest forecast first, beside what each
-- film made where that is known today. Parameters: as_of, limit.
select
    p.title,
    p.release_date,
    p.release_precision,
    p.predicted_dollars,
    p.low_80_dollars,
    p.high_80_dollars,
    a.actual_dollars,
    p.as_of,
    p.model_version,
    count(*) over () as films
from published_predictions p
left join prediction_accuracy a using (film_id, as_of, model_version)
where p.as_of = coalesce(%(as_of)s, (select max(as_of) from published_predictions))
order by p.predicted_dollars desc, p.film_id
limit %(limit)s
