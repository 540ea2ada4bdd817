select
    model_version, as_of, created_at, held_out_start, films, predictor, r2_log10, mae_log10,
    10 ^ mae_log10 as mean_factor,
    model_version = (select about from health where metric = 'champion_age') as is_champion
from model_scoreboard
order by created_at desc, mae_log10
