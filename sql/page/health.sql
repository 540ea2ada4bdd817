select metric, about, value, unit, meaning
from health
order by metric, about
