-- Choose the words in force at as_of for the films in the temporary table resolving(film_id).
-- Parameter: as_of (infinity: the newest words).
-- Title and release are those last seen by as_of. The rest is what was last seen before the release, where a live
-- source had seen the film by then: later edits may be told by its success.

create temporary table words on commit drop as
with now as (
    select r.film_id, r.source, r.source_key, r.film_record_id, r.record, r.valid_from,
           least(
               %(as_of)s::date,
               pel.earliest_day((r.record ->> 'release_date')::date, r.record ->> 'release_precision')
           ) as known_at
    from resolving
    join pel.film_records r using (film_id)
    where r.valid_from <= %(as_of)s and r.valid_until > %(as_of)s
       or r.valid_until = 'infinity' and %(as_of)s = 'infinity'::date
)
select
    now.film_id,
    now.source,
    now.film_record_id,
    now.valid_from > '-infinity' as is_later,
    earlier.film_record_id as earlier_record_id,
    case when earlier.film_record_id is null then now.record
        else earlier.record - array['title', 'release_date', 'release_precision']
            || jsonb_strip_nulls(jsonb_build_object(
                'title', now.record -> 'title',
                'release_date', now.record -> 'release_date',
                'release_precision', now.record -> 'release_precision'
            ))
    end as record
from now
left join lateral (
    select e.film_record_id, e.record
    from pel.film_records e
    where now.valid_from > now.known_at
      and e.source = now.source
      and e.source_key = now.source_key
      and e.film_id = now.film_id
      and e.valid_from <= now.known_at
      and e.valid_until > now.known_at
      and e.seen_on <= now.known_at
) earlier on true;
create index on words (film_id);
analyze words;

create temporary table told_by_several on commit drop as
select film_id from words group by film_id having count(*) > 1;
create unique index on told_by_several (film_id);

-- One record a film: the only one there is, or field by field that of the most trusted source that says anything.
create temporary table facts on commit drop as
select film_id, record from words where film_id not in (select film_id from told_by_several)
union all
select film_id, jsonb_object_agg(field, value)
from (
    select distinct on (w.film_id, said.field) w.film_id, said.field, said.value
    from words w
    cross join lateral jsonb_each(w.record) as said (field, value)
    left join pel.trust t on t.field = said.field and t.source = w.source
    left join pel.trust d on d.field = '*' and d.source = w.source
    where w.film_id in (select film_id from told_by_several)
    order by
        w.film_id,
        said.field,
        -- a release known to the day before one known to the year
        said.field in ('release_date', 'release_precision')
            and coalesce(w.record ->> 'release_precision' <> 'day', false),
        coalesce(t.rank, d.rank, 1000),
        w.source
) believed
group by film_id;
create unique index on facts (film_id);
analyze facts;
