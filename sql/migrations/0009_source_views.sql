-- Who said what, and what waits for the checks.

create view public.film_sources as
select
    r.film_id,
    f.title,
    said.field,
    r.source,
    said.value #>> '{}' as value,
    rank() over (
        partition by r.film_id, said.field
        order by
            -- a release known to the day before one known to the year
            said.field in ('release_date', 'release_precision')
                and coalesce(r.record ->> 'release_precision' <> 'day', false),
            coalesce(t.rank, d.rank, 1000),
            r.source
    ) = 1 as believed,
    r.source_key,
    r.seen_on
from pel.film_records r
join pel.films f using (film_id)
cross join lateral jsonb_each(r.record - array['key', 'ids', 'reasons']) as said (field, value)
left join pel.trust t on t.field = said.field and t.source = r.source
left join pel.trust d on d.field = '*' and d.source = r.source
where r.valid_until = 'infinity';
comment on view public.film_sources is 'Who says what about a film today, field by field.';
comment on column public.film_sources.film_id is 'The film.';
comment on column public.film_sources.title is 'Title.';
comment on column public.film_sources.field is 'What the source speaks of, such as budget or cast.';
comment on column public.film_sources.source is 'Who says it.';
comment on column public.film_sources.value is 'What it says; lists and figures as JSON.';
comment on column public.film_sources.believed is
    'Whether it comes first in the order of trust. Rules of plausibility may still refuse a budget or a box office.';
comment on column public.film_sources.source_key is 'The film''s key in that source.';
comment on column public.film_sources.seen_on is 'Day (UTC) on which the source was read.';

create view pel.pending_records as
select
    r.film_record_id,
    r.source,
    r.source_key,
    r.record ->> 'title' as title,
    (r.record ->> 'release_date')::date as release_date,
    r.record ? 'reasons' as is_correction,
    jsonb_array_length(coalesce(r.record -> 'directors', '[]')) as directors,
    (r.record ->> 'budget')::numeric as budget,
    (r.record #>> '{box_office,dollars}')::numeric as box_office
from pel.film_records r
join pel.pending_films using (film_id)
where r.valid_until = 'infinity';
comment on view pel.pending_records is 'Records that wait for the checks between ingest and features.';
comment on column pel.pending_records.film_record_id is 'Number of the record.';
comment on column pel.pending_records.source is 'Who said it.';
comment on column pel.pending_records.source_key is 'The film''s key in that source.';
comment on column pel.pending_records.title is 'Title.';
comment on column pel.pending_records.release_date is 'Release, or the last day on which it may be.';
comment on column pel.pending_records.is_correction is 'Whether it only overrules what others say.';
comment on column pel.pending_records.directors is 'How many directors it names.';
comment on column pel.pending_records.budget is 'Budget in US dollars.';
comment on column pel.pending_records.box_office is 'Box office in US dollars.';

create view pel.newest_ingest_runs as
select distinct on (source)
    ingest_run_id,
    source,
    records_read,
    rejected,
    lag(records_read) over (partition by source, location order by ingest_run_id) as records_read_before
from pel.ingest_runs
where state = 'succeeded'
order by source, ingest_run_id desc;
comment on view pel.newest_ingest_runs is 'The newest run of each source that came to its end, for the checks.';
comment on column pel.newest_ingest_runs.ingest_run_id is 'Number of the run.';
comment on column pel.newest_ingest_runs.source is 'The source.';
comment on column pel.newest_ingest_runs.records_read is 'Records found in the source.';
comment on column pel.newest_ingest_runs.rejected is 'Records set aside.';
comment on column pel.newest_ingest_runs.records_read_before is 'Records found there by the run before, if there was one.';

create view pel.corrections as
select r.film_id, said.field, said.value #>> '{}' as value, r.record #>> array['reasons', said.field] as reason,
       r.seen_on, r.valid_until = 'infinity' as in_force, r.ingest_run_id
from pel.film_records r
cross join lateral jsonb_each(r.record - array['key', 'ids', 'reasons']) as said (field, value)
where r.source = 'corrections';
comment on view pel.corrections is 'What the corrections file says and said, and why.';
comment on column pel.corrections.film_id is 'The film.';
comment on column pel.corrections.field is 'The field.';
comment on column pel.corrections.value is 'The value that counts; null: it counts as unknown.';
comment on column pel.corrections.reason is 'Why.';
comment on column pel.corrections.seen_on is 'Day (UTC) on which the file was read.';
comment on column pel.corrections.in_force is 'Whether the file still says so.';
comment on column pel.corrections.ingest_run_id is 'The ingest run that read it.';

create or replace view public.prediction_accuracy as
select
    p.film_id,
    f.title,
    p.release_date,
    p.release_precision,
    p.as_of,
    p.model_version,
    p.dollars as predicted_dollars,
    made.dollars as actual_dollars,
    p.log10_dollars - log(made.dollars)::double precision as error_log10
from pel.predictions p
join pel.films f using (film_id)
join lateral (
    select b.dollars
    from pel.plausible_box_office b
    where b.film_id = p.film_id
      and b.known_on <= current_date
    order by b.known_on desc, b.rank, b.source
    limit 1
) made on true;

grant select, insert, update, delete on all tables in schema pel to pel_pipeline;
grant usage on all sequences in schema pel to pel_pipeline;
revoke update, delete on pel.predictions, pel.publications, pel.promotions from pel_pipeline;
revoke insert, update, delete on pel.schema_migrations, pel.plausibility_rules from pel_pipeline;
grant select on all tables in schema public to pel_pipeline, pel_reader;
