-- Make an earlier champion champion again. Parameters: as_of, model_version, champion_version, reason.
insert into pel.promotions (as_of, model_version, champion_version, promoted, reason)
values (%(as_of)s, %(model_version)s, %(champion_version)s, true, %(reason)s)
