-- Who and what a scenario names, in the temporary table named; the id is null for what is not in the catalogue. Names
-- are compared as those of sources are. Of several of one name it is the one that the film has, then the one written
-- alike, then the one with the most films; a person named twice is two. An empty list of people or companies stands for one
-- newcomer, at place 0. Parameter: scenario_id.
create temporary table named on commit drop as
with listed as (
    select said.kind, said.names
    from public.scenarios s
    cross join lateral (
        values ('director', s.directors), ('cast', s.cast_members), ('company', s.companies), ('genre', s.genres),
               ('collection', case when s.collection <> '' then array[s.collection] end)
    ) as said (kind, names)
    where s.scenario_id = %(scenario_id)s and said.names is not null
),
asked as (
    select
        kind, place, name,
        case when kind in ('director', 'cast') then row_number() over (partition by kind, pel.comparable(name) order by place)
            else 1
        end as nth
    from listed
    cross join lateral unnest(names) with ordinality as said (name, place)
    union all
    select kind, 0, null, 1
    from listed
    where names = '{}' and kind in ('director', 'cast', 'company')
)
select a.kind, a.place, a.name, found.id
from asked a
cross join (select film_id from public.scenarios where scenario_id = %(scenario_id)s) s
left join lateral (
    select candidates.id
    from (
        select p.person_id as id, p.name, l.film_id, l.role = a.kind as in_this_role
        from pel.people p
        left join pel.credits l using (person_id)
        where a.kind in ('director', 'cast') and pel.comparable(p.name) = pel.comparable(a.name)
        union all
        select k.company_id, k.name, l.film_id, true
        from pel.companies k
        left join pel.film_companies l using (company_id)
        where a.kind = 'company' and pel.comparable(k.name) = pel.comparable(a.name)
        union all
        select k.genre_id, k.name, l.film_id, true
        from pel.genres k
        left join pel.film_genres l on l.genre_id = k.genre_id and l.film_id = s.film_id
        where a.kind = 'genre' and pel.comparable(k.name) = pel.comparable(a.name)
        union all
        select k.collection_id, k.name, l.film_id, true
        from pel.collections k
        left join pel.film_collections l using (collection_id)
        where a.kind = 'collection' and pel.comparable(k.name) = pel.comparable(a.name)
    ) candidates
    -- of names without a letter nothing is left to compare
    where pel.comparable(a.name) <> '' or candidates.name = a.name
    group by candidates.id, candidates.name
    order by
        bool_or(coalesce(candidates.film_id = s.film_id and candidates.in_this_role, false)) desc,
        candidates.name = a.name desc,
        count(candidates.film_id) desc,
        candidates.id
    offset a.nth - 1
    limit 1
) found on true
