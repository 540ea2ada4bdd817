-- Keep explanations that are not kept yet. Parameters: as_of, model_version; explanations, JSON records by column.
insert into pel.explanations (film_id, as_of, model_version, base, effects, details, similar_films, similarities)
select film_id, %(as_of)s, %(model_version)s, base, effects, details, similar_films, similarities
from jsonb_to_recordset(%(explanations)s) as e (
    film_id bigint,
    base double precision,
    effects jsonb,
    details jsonb,
    similar_films bigint[],
    similarities real[]
)
on conflict (film_id, as_of, model_version) do nothing
returning film_id
