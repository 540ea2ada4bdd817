-- Those who have the films now look at them anew.
insert into pel.stale_histories (kind, participant_id, since)
select p.kind, p.participant_id, min(f.release_date)
from resolving
join pel.films f using (film_id)
join pel.participations p using (film_id)
where f.release_date is not null and exists (select from pel.film_attributes)
group by p.kind, p.participant_id
on conflict (kind, participant_id) do update set since = least(stale_histories.since, excluded.since);

select count(*) as films from resolving
