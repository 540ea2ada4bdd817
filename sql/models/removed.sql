-- Every model, and since when its files are not to be there; null while they are.
select model_version, artifacts_removed_at
from pel.model_versions
