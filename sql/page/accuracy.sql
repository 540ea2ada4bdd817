-- of each film whose box office is known, the last forecast before its release
select
    film_id, title, release_date, release_precision, as_of, predicted_dollars, actual_dollars, error_log10, in_80
from accuracy_by_lead
where lead_days = 1
