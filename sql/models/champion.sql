-- The champion of a date: the newest promotion up to it of a model that still has its files. Parameter: as_of.
select m.model_version, m.kind, m.as_of, m.pretrained_version, m.code_version, m.data_sha256, m.parameters, m.metrics,
       m.artifact_url, m.artifact_sha256
from pel.promotions p
join pel.model_versions m using (model_version)
where p.promoted
  and p.as_of <= %(as_of)s
  and m.artifacts_removed_at is null
order by p.as_of desc, p.promotion_id desc
limit 1
