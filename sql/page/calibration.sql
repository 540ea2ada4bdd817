-- ranges that are to hold so many of the films, and how many they held
select promised, count(held) as films, avg(held::integer)::double precision as share_held
from accuracy_by_lead
cross join lateral (values (0.50, in_50), (0.80, in_80), (0.95, in_95)) as ranges (promised, held)
where lead_days = 1
group by promised
having count(held) > 0
order by promised
