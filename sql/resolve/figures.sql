-- Ratings and box office of the films whose newest words were chosen. Parameter: settle_days.

-- A figure without a day of observation is the source's one current word: the new one takes the place of the old.
-- One with such a day is kept if it says something new.
create temporary table told_box_office on commit drop as
select w.film_id, w.source, b.dollars, b.observed_on
from words w
cross join lateral jsonb_to_record(nullif(w.record -> 'box_office', 'null')) as b (dollars numeric, observed_on date)
where b.dollars is not null;

delete from pel.box_office b
using words w
where b.film_id = w.film_id and b.source = w.source and b.observed_on is null;

insert into pel.box_office (film_id, source, known_on, dollars, observed_on)
select t.film_id, t.source, greatest(t.observed_on, f.release_date + %(settle_days)s), t.dollars, t.observed_on
from told_box_office t
join pel.films f using (film_id)
where coalesce(t.observed_on, f.release_date) is not null
  and (t.observed_on is null or t.dollars is distinct from (
      select b.dollars
      from pel.box_office b
      where b.film_id = t.film_id and b.source = t.source and b.observed_on < t.observed_on
      order by b.observed_on desc
      limit 1
  ))
on conflict on constraint one_box_office_per_observation do update
set dollars = excluded.dollars, known_on = excluded.known_on;

create temporary table told_ratings on commit drop as
select w.film_id, w.source, r.value as rating, r.votes, r.observed_on
from words w
cross join lateral jsonb_to_record(w.record -> 'rating') as r (value numeric, votes integer, observed_on date)
where r.value is not null;

delete from pel.ratings r
using words w
where r.film_id = w.film_id and r.source = w.source and r.observed_on is null;

insert into pel.ratings (film_id, source, known_on, rating, votes, observed_on)
select t.film_id, t.source, coalesce(t.observed_on, f.release_date + %(settle_days)s), t.rating, t.votes, t.observed_on
from told_ratings t
join pel.films f using (film_id)
where coalesce(t.observed_on, f.release_date) is not null
  and (t.observed_on is null or t.rating is distinct from (
      select r.rating
      from pel.ratings r
      where r.film_id = t.film_id and r.source = t.source and r.observed_on < t.observed_on
      order by r.observed_on desc
      limit 1
  ))
on conflict on constraint one_rating_per_observation do update
set rating = excluded.rating, votes = excluded.votes, known_on = excluded.known_on;

-- What users gave until the end of a month is known on the first day of the next.
create temporary table told_user_ratings on commit drop as
select
    film_id,
    source,
    (month + interval '1 month')::date as observed_on,
    round((sum(points) over past)::numeric / sum(votes) over past, 2) as rating,
    sum(votes) over past as votes
from (
    select i.film_id, u.source, u.month, sum(u.votes) as votes, sum(u.points) as points
    from resolving
    join pel.film_ids i using (film_id)
    join pel.user_ratings u using (external_id)
    group by i.film_id, u.source, u.month
) film_months
window past as (partition by film_id, source order by month);
analyze told_user_ratings;

delete from pel.ratings r
using (select distinct film_id, source from told_user_ratings) t
where r.film_id = t.film_id
  and r.source = t.source
  and r.observed_on is not null
  and not exists (
      select from told_user_ratings k where k.film_id = r.film_id and k.source = r.source and k.observed_on = r.observed_on
  );

insert into pel.ratings (film_id, source, known_on, rating, votes, observed_on)
select film_id, source, observed_on, rating, votes, observed_on
from told_user_ratings
on conflict on constraint one_rating_per_observation do update
set rating = excluded.rating, votes = excluded.votes, known_on = excluded.known_on
where (ratings.rating, ratings.votes) is distinct from (excluded.rating, excluded.votes);
