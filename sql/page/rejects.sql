select source, reason, records, last_seen_at
from rejected_reasons
order by records desc, source, reason
limit 200
