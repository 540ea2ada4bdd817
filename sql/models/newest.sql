-- The newest model of a kind that looks no further than as_of and still has its files. Parameters: kind, as_of.
select model_version, kind, as_of, pretrained_version, code_version, data_sha256, parameters, metrics,
       artifact_url, artifact_sha256
from pel.model_versions
where kind = %(kind)s
  and as_of <= %(as_of)s
  and artifacts_removed_at is null
order by as_of desc, created_at desc
limit 1
