-- Held-out figures of the model that made the newest forecasts, the best first.
select s.*
from model_scoreboard s
where s.model_version = (
    select model_version
    from published_predictions
    order by as_of desc
    limit 1
)
order by s.predictor <> 'ensemble', s.r2_log10 desc
