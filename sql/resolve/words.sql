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
    -- tells this choice from another; null where there never was one
    case when now.valid_from > '-infinity' or earlier.film_record_id is not null
        then concat_ws('/', now.film_record_id, earlier.film_record_id)
    end as choice,
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
