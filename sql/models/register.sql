-- A model that is registered again is the same model, for its name says what went into it; if its files had been removed,
-- it has new ones now.
insert into pel.model_versions (
    model_version, kind, as_of, pretrained_version, code_version, data_sha256, parameters, metrics,
    artifact_url, artifact_sha256
)
values (
    %(model_version)s, %(kind)s, %(as_of)s, %(pretrained_version)s, %(code_version)s, %(data_sha256)s,
    %(parameters)s, %(metrics)s, %(artifact_url)s, %(artifact_sha256)s
)
on conflict (model_version) do update
set artifact_url = excluded.artifact_url,
    artifact_sha256 = excluded.artifact_sha256,
    artifacts_removed_at = null
where model_versions.artifacts_removed_at is not null
