-- What years of running need: whose word a decision was, artifacts that were removed, how far the world has drifted.

alter table pel.promotions
    add column waits boolean not null default false,
    add column decided_by text not null default 'gate',
    add constraint who_waits_is_not_promoted check (not (waits and promoted));
comment on column pel.promotions.waits is
    'Whether the gate would have promoted it, and a person was asked first. Their answer is a row of its own.';
comment on column pel.promotions.decided_by is
    'Who decided: the gate, or the name of the person who approved, rejected or rolled back; nobody, if none answered in time.';

alter table pel.model_versions add column artifacts_removed_at timestamptz;
comment on column pel.model_versions.artifacts_removed_at is
    'When its files were removed, by the rule of pel/training/retention.py; null while they are there. The row stays.';
