-- Ask what if, once. Parameters: by, who asks, and for which run; and what a user may set.
insert into public.scenarios (
    film_id, title, release_date, budget, directors, cast_members, genres, companies, collection, as_of, created_by
)
select
    %(film_id)s, %(title)s, %(release_date)s, %(budget)s, %(directors)s::text[], %(cast_members)s::text[],
    %(genres)s::text[], %(companies)s::text[], %(collection)s, %(as_of)s, %(by)s
where not exists (select from public.scenarios where created_by = %(by)s)
