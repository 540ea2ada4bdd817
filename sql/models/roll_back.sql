-- Make an earlier champion champion again. Parameters: as_of, model_version, champion_version, reason, decided_by.
insert into pel.promotions (as_of, model_version, champion_version, promoted, reason, decided_by)
values (%(as_of)s, %(model_version)s, %(champion_version)s, true, %(reason)s, %(decided_by)s)
