-- by year, the last forecasts before release
select
    extract(year from release_date)::integer as year,
    count(*) as films,
    -- half of the forecasts are off by less than this factor
    10 ^ percentile_cont(0.5) within group (order by abs(error_log10)) as median_factor,
    10 ^ avg(error_log10) as bias_factor,
    avg(in_80::integer)::double precision as share_in_80
from accuracy_by_lead
where lead_days = 1
group by 1
order by 1
