select decided_at, as_of, model_version, champion_version, promoted, waits, decided_by, reason
from promotion_history
order by decided_at desc
limit 200
