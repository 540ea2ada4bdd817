select as_of, code_version, made_at, films_judged, r2_log10, 10 ^ median_error_log10 as median_factor, coverage_80
from replay_scoreboard
where budget = 'any'
order by as_of desc, made_at desc
limit 200
