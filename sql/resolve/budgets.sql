-- Budgets of the chosen films, as each source says.
delete from pel.budgets b using resolving where b.film_id = resolving.film_id;

insert into pel.budgets (film_id, source, dollars)
select film_id, source, (record ->> 'budget')::numeric
from words
where record ->> 'budget' is not null;
