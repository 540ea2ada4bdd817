-- Keep a decision about a candidate. Parameters: as_of, model_version, champion_version, promoted, waits, reason,
-- figures.
insert into pel.promotions (as_of, model_version, champion_version, promoted, waits, reason, figures)
values (%(as_of)s, %(model_version)s, %(champion_version)s, %(promoted)s, %(waits)s, %(reason)s, %(figures)s)
