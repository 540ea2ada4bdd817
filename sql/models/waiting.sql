-- What waits for a person's answer about a candidate. Parameter: model_version.
select p.as_of, p.reason, p.figures
from pel.promotions p
where p.model_version = %(model_version)s
  and p.waits
  and not exists (
      select from pel.promotions answer
      where answer.model_version = p.model_version
        and answer.as_of = p.as_of
        and answer.promotion_id > p.promotion_id
  )
