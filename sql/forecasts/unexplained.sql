-- Predictions that are not explained yet. Parameters: as_of, model_version.
select p.film_id, p.log10_dollars
from pel.predictions p
where p.as_of = %(as_of)s
  and p.model_version = %(model_version)s
  and not exists (
      select from pel.explanations e
      where e.film_id = p.film_id
        and e.as_of = p.as_of
        and e.model_version = p.model_version
  )
order by p.film_id
