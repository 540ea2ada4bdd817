-- the newest forecast of the film, with what it made, if that is known
select
    p.*,
    a.actual_dollars,
    a.error_log10,
    exists (select from upcoming_predictions u where u.film_id = p.film_id) as is_upcoming,
    (
        select s.value::double precision
        from film_sources s
        where s.film_id = p.film_id and s.field = 'budget' and s.believed
        limit 1
    ) as known_budget
from published_predictions p
left join prediction_accuracy a using (film_id, as_of, model_version)
where p.film_id = %(film_id)s
order by p.as_of desc
limit 1
