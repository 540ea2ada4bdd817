-- ranges that are to hold so many of the films, and how many they held
with last as (
    select distinct on (film_id) in_50, in_80, in_95
    from prediction_accuracy
    order by film_id, as_of desc
)
select promised, count(held) as films, avg(held::integer)::double precision as share_held
from last
cross join lateral (values (0.50, in_50), (0.80, in_80), (0.95, in_95)) as ranges (promised, held)
group by promised
having count(held) > 0
order by promised
