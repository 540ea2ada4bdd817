-- The model of this name. Parameter: model_version.
select model_version, kind, as_of, pretrained_version, code_version, data_sha256, parameters, metrics,
       artifact_url, artifact_sha256
from pel.model_versions
where model_version = %(model_version)s
