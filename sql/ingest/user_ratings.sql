-- Keep the users' ratings, month by month. A film that is rated in the batch gets all its months from it.
-- Parameter: source.

create temporary table rated_months on commit drop as
select
    external_id,
    date_trunc('month', date '1970-01-01' + day)::date as month,
    count(*)::integer as votes,
    sum(points)::bigint as points
from staged_user_ratings
where reason is null
group by 1, 2;
create index on rated_months (external_id);
analyze rated_months;

create temporary table rerated on commit drop as
select distinct external_id
from (
    select external_id, month, votes, points from rated_months
    except
    select external_id, month, votes, points from pel.user_ratings where source = %(source)s
    union all
    select u.external_id, u.month, u.votes, u.points
    from pel.user_ratings u
    where u.source = %(source)s
      and u.external_id in (select external_id from rated_months)
      and not exists (
          select from rated_months m where m.external_id = u.external_id and m.month = u.month
      )
) different;

delete from pel.user_ratings u
using rerated
where u.source = %(source)s and u.external_id = rerated.external_id;

insert into pel.user_ratings (source, external_id, month, votes, points)
select %(source)s, m.external_id, m.month, m.votes, m.points
from rated_months m
join rerated using (external_id)
order by m.external_id, m.month;

insert into pel.pending_films (film_id, source)
select distinct i.film_id, %(source)s
from rerated
join pel.film_ids i using (external_id)
on conflict do nothing;
