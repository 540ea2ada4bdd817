-- Leave out of resolving and words the films for which the same words are in force already.
create temporary table settled on commit drop as
select f.film_id
from resolving
join pel.films f using (film_id)
where f.words is not distinct from (
    select string_agg(w.choice, ' ' order by w.source) from words w where w.film_id = f.film_id
);

delete from resolving r using settled s where r.film_id = s.film_id;
delete from words w using settled s where w.film_id = s.film_id;

select count(*) as films from resolving
