-- The newest champion before the present one or, with a version, that one if it ever was champion.
-- Parameters: as_of, champion, version.
select model_version
from pel.promotions
where promoted
  and as_of <= %(as_of)s
  and model_version <> %(champion)s
  and model_version = coalesce(%(version)s, model_version)
order by as_of desc, promotion_id desc
limit 1
