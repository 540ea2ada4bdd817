-- List the values that break a rule of plausibility, judged by what is known at as_of (pel.plausibility_rules says why).
-- Corrections are not judged: someone looked at them. Films whose list changed are computed again.
-- Parameter: as_of.

create temporary table suspicious on commit drop as
with figures as (
    select b.film_id, b.source, b.dollars, b.observed_on, f.release_date, f.release_earliest
    from pel.box_office b
    join pel.films f using (film_id)
    where b.known_on <= %(as_of)s and b.source <> 'corrections'
),
shares as (
    select g.film_id, g.source, g.dollars, round(g.dollars / b.dollars, 6) as share
    from figures g
    join pel.budgets b using (film_id, source)
    where g.dollars >= 1000 and b.dollars >= 1000
),
corrected as (
    select distinct r.film_id, said.field
    from pel.film_records r
    cross join lateral jsonb_object_keys(r.record) as said (field)
    where r.source = 'corrections' and r.valid_until = 'infinity' and said.field in ('budget', 'box_office')
)
select film_id, source, 'budget' as field, dollars as value, 'budget_under_1000_dollars' as rule
from pel.budgets
where dollars < 1000 and source <> 'corrections'
union
select film_id, source, 'box_office', dollars, 'box_office_under_1000_dollars'
from figures
where dollars < 1000
union
-- one film in a hundred: round figures meet by chance, twice and four times the budget in one film of 500
select film_id, source, 'box_office', dollars, 'box_office_is_a_share_of_the_budget'
from shares
where share in (
    select share
    from shares
    group by share
    having count(distinct film_id) >= 20
       and count(distinct film_id) >= 0.01 * (select count(distinct film_id) from shares)
)
union
-- figures rounded to ten thousands meet by chance
select later.film_id, later.source, 'box_office', later.dollars, 'box_office_is_of_another_film'
from figures later
join figures earlier using (dollars)
where dollars %% 10000 <> 0
  and (earlier.release_date, earlier.film_id) < (later.release_date, later.film_id)
union
select film_id, source, 'box_office', dollars, 'box_office_before_release'
from figures
where observed_on < release_earliest
union
select b.film_id, b.source, 'budget', b.dollars, 'budget_corrected'
from pel.budgets b
join corrected c on c.film_id = b.film_id and c.field = 'budget'
where b.source <> 'corrections'
union
select b.film_id, b.source, 'box_office', b.dollars, 'box_office_corrected'
from pel.box_office b
join corrected c on c.film_id = b.film_id and c.field = 'box_office'
where b.source <> 'corrections';

create temporary table rejudged on commit drop as
(table suspicious except select film_id, source, field, value, rule from pel.suspicious_values)
union all
(select film_id, source, field, value, rule from pel.suspicious_values except table suspicious);

insert into pel.stale_films (film_id)
select distinct film_id from rejudged where exists (select from pel.film_attributes)
on conflict do nothing;

insert into pel.stale_histories (kind, participant_id, since)
select p.kind, p.participant_id, min(f.release_date)
from (select distinct film_id from rejudged) changed
join pel.films f using (film_id)
join pel.participations p using (film_id)
where f.release_date is not null and exists (select from pel.film_attributes)
group by p.kind, p.participant_id
on conflict (kind, participant_id) do update set since = least(stale_histories.since, excluded.since);

delete from pel.suspicious_values s
using rejudged r
where (s.film_id, s.source, s.field, s.value, s.rule) = (r.film_id, r.source, r.field, r.value, r.rule);

insert into pel.suspicious_values (film_id, source, field, value, rule)
select s.film_id, s.source, s.field, s.value, s.rule
from suspicious s
join rejudged r using (film_id, source, field, value, rule)
