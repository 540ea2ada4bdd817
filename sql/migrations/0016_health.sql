-- What to watch from outside: one row per figure. `pel metrics` gives the same to Prometheus.

create function pel.hours_since(moment timestamptz) returns double precision
    language sql stable parallel safe
    return extract(epoch from now() - moment) / 3600;
comment on function pel.hours_since is 'Hours from a moment until now.';

create view public.health as
with champion as (
    select p.model_version, m.created_at, m.metrics -> 'held_out' as held_out
    from pel.promotions p
    join pel.model_versions m using (model_version)
    where p.promoted
    order by p.as_of desc, p.promotion_id desc
    limit 1
),
figures (metric, about, value, unit, meaning) as (
    select 'films', '', (select count(*) from pel.films)::double precision, 'films', 'Films among the facts'
    union all
    select 'rejected_records', '', (select count(*) from pel.rejected_records), 'records',
        'Records that could not be taken in, ever'
    union all
    select 'pending_films', source, count(*), 'films', 'Films that wait for the checks to let them in'
    from pel.pending_films
    group by source
    union all
    select 'ingest_age', source, pel.hours_since(max(finished_at)), 'hours', 'Since a source was last read to its end'
    from pel.ingest_runs
    where state = 'succeeded'
    group by source
    union all
    select 'look_age', kind, pel.hours_since(max(looked_at)), 'hours',
        'Since it was last looked whether there is reason to train'
    from pel.training_looks
    group by kind
    union all
    select 'forecast_age', '', pel.hours_since(max(published_at)), 'hours', 'Since forecasts were last published'
    from pel.publications
    having count(*) > 0
    union all
    select 'champion_age', model_version, pel.hours_since(created_at), 'hours', 'Since the champion was fitted'
    from champion
    union all
    select 'champion_error', model_version, (held_out #>> '{scores,ensemble,mae}')::double precision, 'log10_dollars',
        'Mean absolute error of the champion on films that it had not seen'
    from champion
    union all
    select 'champion_coverage', model_version, (held_out #>> '{coverage,80%}')::double precision, 'ratio',
        'Share of films that the champion had not seen and that its 80 % ranges held'
    from champion
)
select metric, about, value, unit, meaning
from figures
where value is not null;
comment on view public.health is 'Whether the installation is well: one row per figure to watch.';
comment on column public.health.metric is 'What is measured.';
comment on column public.health.about is 'Of what: a source, a kind of model, a model; empty if there is one only.';
comment on column public.health.value is 'The figure.';
comment on column public.health.unit is 'Its unit.';
comment on column public.health.meaning is 'What it says.';

grant select on public.health to pel_pipeline, pel_reader;
