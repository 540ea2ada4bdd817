-- Films, people and credits from the chosen facts; and what the next refresh has to compute again.

create temporary table before on commit drop as
select f.film_id, f.release_date
from resolving
join pel.films f using (film_id);

-- Those who lose a film, and below those who have or gain one: their other films look back on it.
-- While nothing is computed there is nothing to compute again.
insert into pel.stale_histories (kind, participant_id, since)
select p.kind, p.participant_id, min(before.release_date)
from before
join pel.participations p using (film_id)
where before.release_date is not null and exists (select from pel.film_attributes)
group by p.kind, p.participant_id
on conflict (kind, participant_id) do update set since = least(stale_histories.since, excluded.since);

insert into pel.films (
    film_id, title, release_date, release_precision, runtime_minutes, certification, words
)
overriding system value
select
    facts.film_id, r.title, r.release_date, r.release_precision, r.runtime_minutes, r.certification,
    choices.words
from facts
left join (
    select film_id, string_agg(choice, ' ' order by source) as words
    from words
    where choice is not null
    group by film_id
) choices using (film_id)
cross join lateral jsonb_to_record(facts.record) as r (
    title text, release_date date, release_precision text, runtime_minutes integer, certification text
)
order by facts.film_id
on conflict (film_id) do update
set title = excluded.title,
    release_date = excluded.release_date,
    release_precision = excluded.release_precision,
    runtime_minutes = excluded.runtime_minutes,
    certification = excluded.certification,
    words = excluded.words;

insert into pel.stale_films (film_id)
select film_id from facts
where exists (select from pel.film_attributes)
on conflict do nothing;

delete from pel.credits c using before where c.film_id = before.film_id;

create temporary table told_credits on commit drop as
select facts.film_id, listed.role, coalesce(c.key, 'name:' || c.name) as person_key, c.name, c.billing
from facts
cross join lateral (
    values ('director', facts.record -> 'directors'), ('cast', facts.record -> 'cast')
) as listed (role, people)
cross join lateral jsonb_to_recordset(listed.people) as c (name text, key text, billing integer);
analyze told_credits;

insert into pel.people (person_key, name)
select person_key, min(name)
from told_credits
group by person_key
order by person_key
on conflict do nothing;

insert into pel.credits (film_id, person_id, role, billing)
select c.film_id, p.person_id, c.role, c.billing
from told_credits c
join pel.people p using (person_key);
