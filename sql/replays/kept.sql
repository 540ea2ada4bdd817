-- Whether a date was replayed with these inputs. Parameters: as_of, code_version, data_sha256, parameters.
select replay_id
from pel.replays
where as_of = %(as_of)s
  and code_version = %(code_version)s
  and data_sha256 = %(data_sha256)s
  and parameters = %(parameters)s
limit 1
