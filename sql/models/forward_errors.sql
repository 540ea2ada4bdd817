-- How far published forecasts were off, log10, of films that came out within some years before as_of and whose box
-- office was known by then: of each film the newest forecast that users saw. Parameters: as_of, years, least_dollars.
with shown as (
    select distinct on (as_of) as_of, model_version
    from pel.publications
    where as_of <= %(as_of)s
    order by as_of, publication_id desc
),
forecast as (
    select distinct on (p.film_id) p.film_id, p.log10_dollars
    from pel.predictions p
    join shown using (as_of, model_version)
    join pel.films f using (film_id)
    where f.release_date > %(as_of)s::date - make_interval(years => %(years)s)
      and f.release_date <= %(as_of)s
    order by p.film_id, p.as_of desc
),
made as (
    select distinct on (film_id) film_id, dollars
    from pel.plausible_box_office
    where known_on <= %(as_of)s
    order by film_id, known_on desc, rank, source, observed_on desc nulls last
)
select forecast.log10_dollars - log(made.dollars)::double precision as error
from forecast
join made using (film_id)
where made.dollars >= %(least_dollars)s
