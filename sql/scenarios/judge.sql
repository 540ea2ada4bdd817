-- What keeps a scenario from a forecast, null if nothing does; and the names that count as newcomers.
-- The temporary table named is filled (sql/scenarios/names.sql). Parameters: scenario_id, as_of, horizon_days.
with unknown as (
    select
        kind,
        string_agg(name, ', ' order by place) filter (where id is null) as names,
        bool_and(id is null) as all_of_them,
        bool_or(coalesce(btrim(name), '') = '') as is_blank
    from named
    where place > 0
    group by kind
)
select
    case
        when s.film_id is not null and f.film_id is null
            then format('there is no film %%s; upcoming_predictions has the numbers of films', s.film_id)
        when f.release_date <= %(as_of)s
            then format('"%%s" came out on %%s, which is not after as_of, %%s', f.title, f.release_date, %(as_of)s::date)
        when s.film_id is null and s.release_date is null
            then 'a film that does not exist yet needs a release_date'
        when coalesce(s.release_date, f.release_date) is null
            then format('no release_date of "%%s" is known; give one', f.title)
        when coalesce(s.release_date, f.release_date) <= %(as_of)s
            then format('release_date is %%s, which is not after as_of, %%s', s.release_date, %(as_of)s::date)
        when coalesce(s.release_date, f.release_date) > %(as_of)s::date + %(horizon_days)s
            then format(
                'release_date is %%s; forecasts reach %%s days from as_of, to %%s',
                coalesce(s.release_date, f.release_date), %(horizon_days)s, %(as_of)s::date + %(horizon_days)s
            )
        when s.budget < 1000 or s.budget = 'NaN'
            then format('budget is %%s dollars; it has to be 1000 or more', s.budget)
        when exists (select from unknown where is_blank)
            then format('a name is empty (%%s)', (select string_agg(kind, ', ' order by kind) from unknown where is_blank))
        else (
            select string_agg(
                format('not in the catalogue (%%s): %%s', kind, names) || case
                    when kind in ('director', 'cast', 'company')
                        then '; one of the names has to be, and an empty list means newcomers alone'
                    else ''
                end,
                '. '
                order by kind
            )
            from unknown
            where all_of_them or kind in ('genre', 'collection') and names is not null
        )
    end as error,
    (select array_agg(name order by kind desc, place) from named where id is null and place > 0) as newcomers
from public.scenarios s
left join pel.films f using (film_id)
where s.scenario_id = %(scenario_id)s
