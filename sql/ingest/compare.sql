-- Set apart from the staged records what is there twice and what is kept already. Parameters: source, complete.

create temporary table staged_rejects on commit drop as
select reason, raw from staged where reason is not null
union all
select reason, raw from staged_user_ratings where reason is not null;
delete from staged where reason is not null;

create index on staged (source_key, line);
analyze staged;

-- A second record of the same key is set aside; the first of the batch counts.
with again as (
    delete from staged s
    where exists (select from staged e where e.source_key = s.source_key and e.line < s.line)
    returning s.source_key, s.record
)
insert into staged_rejects (reason, raw)
select 'key: a record of ' || source_key || ' came before in this run', coalesce(record::text, '{}')
from again;

-- A source that tells everything at once has withdrawn what it does not tell any more.
insert into staged (line, source_key)
select 0, r.source_key
from pel.film_records r
where %(complete)s
  and r.source = %(source)s
  and r.valid_until = 'infinity'
  and not exists (select from staged s where s.source_key = r.source_key);

-- What a film that is withdrawn still is: all that was said, but for when it comes out. A correction leaves nothing.
update staged s
set record = case
        when r.record ? 'reasons' then jsonb_build_object('key', r.source_key, 'reasons', '{}'::jsonb)
        else r.record - array['release_date', 'release_precision']
    end,
    record_sha256 = 'withdrawn'
from pel.film_records r
where s.record is null
  and r.source = %(source)s
  and r.source_key = s.source_key
  and r.valid_until = 'infinity';

delete from staged where record is null;

create temporary table arrived on commit drop as
select s.line, s.source_key, s.record_sha256, s.record, r.film_record_id, r.film_id
from staged s
left join pel.film_records r
    on r.source = %(source)s and r.source_key = s.source_key and r.valid_until = 'infinity'
where r.record_sha256 is distinct from s.record_sha256;
create index on arrived (source_key);
analyze arrived;
