-- What years of running need: whose word a decision was, artifacts that were removed, how far the world has drifted.

alter table pel.promotions
    add column waits boolean not null default false,
    add column decided_by text not null default 'gate',
    add constraint who_waits_is_not_promoted check (not (waits and promoted));
comment on column pel.promotions.waits is
    'Whether the gate would have promoted it, and a person was asked first. Their answer is a row of its own.';
comment on column pel.promotions.decided_by is
    'Who decided: the gate; the name of the person who approved, rejected or rolled back (hand, from a terminal); or nobody, '
    'if no answer came in time.';

alter table pel.model_versions add column artifacts_removed_at timestamptz;
comment on column pel.model_versions.artifacts_removed_at is
    'When its files were removed, by the rule of pel/training/retention.py; null while they are there. The row stays.';

create view public.model_drift as
select
    l.as_of,
    d.model_version,
    d.measure,
    d.value,
    d.threshold,
    d.value >= d.threshold as drifted,
    d.films,
    l.looked_at
from pel.training_looks l
cross join lateral jsonb_to_recordset(l.figures -> 'drift') as d (
    model_version text, measure text, value double precision, threshold double precision, films integer
)
where l.kind = 'finetuned' and l.figures ? 'drift';
comment on view public.model_drift is
    'What changed since the champion was made, at every look whether to fine-tune: population stability index of the main '
    'attributes of upcoming films, and the error of published forecasts that came true.';
comment on column public.model_drift.as_of is 'Date from which it looked.';
comment on column public.model_drift.model_version is 'The champion.';
comment on column public.model_drift.measure is 'An attribute, or forward_error.';
comment on column public.model_drift.value is
    'Of an attribute its population stability index, 0 for no change; of forward_error, how many times as large the mean '
    'absolute error (log10) of forecasts that came true is as the champion''s on its held-out films.';
comment on column public.model_drift.threshold is 'From this value on it is drift, and reason to fine-tune.';
comment on column public.model_drift.drifted is 'Whether it is.';
comment on column public.model_drift.films is 'Films that it was measured on.';
comment on column public.model_drift.looked_at is 'When it looked.';
grant select on public.model_drift to pel_pipeline, pel_reader;
