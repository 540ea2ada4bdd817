with last as (
    select distinct on (film_id) release_date, error_log10, in_80
    from prediction_accuracy
    order by film_id, as_of desc
)
select
    extract(year from release_date)::integer as year,
    count(*) as films,
    -- half of the forecasts are off by less than this factor
    10 ^ percentile_cont(0.5) within group (order by abs(error_log10)) as median_factor,
    10 ^ avg(error_log10) as bias_factor,
    avg(in_80::integer)::double precision as share_in_80
from last
group by 1
order by 1
