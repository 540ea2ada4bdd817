-- One record a film: the only one there is, or field by field that of the most trusted source that says anything.

create temporary table told_by_several on commit drop as
select film_id from words group by film_id having count(*) > 1;
create unique index on told_by_several (film_id);

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
