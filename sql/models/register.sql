-- A model that is registered again is the same model: its name says what went into it.
insert into pel.model_versions (
    model_version, kind, as_of, pretrained_version, code_version, data_sha256, parameters, metrics,
    artifact_url, artifact_sha256
)
values (
    %(model_version)s, %(kind)s, %(as_of)s, %(pretrained_version)s, %(code_version)s, %(data_sha256)s,
    %(parameters)s, %(metrics)s, %(artifact_url)s, %(artifact_sha256)s
)
on conflict (model_version) do nothing
