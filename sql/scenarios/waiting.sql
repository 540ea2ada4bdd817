-- Scenarios without an answer, the oldest first, with the model whose predictions users see for their as_of; without one
-- none were published, or its files are kept no longer. While nothing was ever published, all wait. Parameter: limit.
with shown as (
    select distinct on (as_of) as_of, model_version
    from pel.publications
    order by as_of, publication_id desc
)
select
    s.scenario_id,
    s.film_id,
    coalesce(s.as_of, newest.as_of) as as_of,
    m.model_version,
    count(*) over () as waiting
from public.scenarios s
cross join (select max(as_of) as as_of from pel.publications) newest
left join shown on shown.as_of = coalesce(s.as_of, newest.as_of)
left join pel.model_versions m on m.model_version = shown.model_version and m.artifacts_removed_at is null
where not exists (select from pel.scenario_predictions p where p.scenario_id = s.scenario_id)
  and newest.as_of is not null
order by s.scenario_id
limit %(limit)s
