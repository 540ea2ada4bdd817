-- The decision about a candidate, if there is one already. Parameters: as_of, model_version.
select promoted, reason, figures, waits
from pel.promotions
where model_version = %(model_version)s
  and as_of = %(as_of)s
order by promotion_id
limit 1
