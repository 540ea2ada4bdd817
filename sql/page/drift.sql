-- the newest look
select measure, value, threshold, drifted, films, looked_at
from model_drift
where looked_at = (select max(looked_at) from model_drift)
order by value / threshold desc
