insert into scenarios (film_id, release_date, budget)
values (%(film_id)s, %(release_date)s, %(budget)s)
returning scenario_id
