-- The newest champion before the present one that still has its files or, with a version, that one if it ever was
-- champion, with or without. Parameters: as_of, champion, version.
select p.model_version, m.artifacts_removed_at
from pel.promotions p
join pel.model_versions m using (model_version)
where p.promoted
  and p.as_of <= %(as_of)s
  and p.model_version <> %(champion)s
  and p.model_version = coalesce(%(version)s, p.model_version)
  and (%(version)s is not null or m.artifacts_removed_at is null)
order by p.as_of desc, p.promotion_id desc
limit 1
