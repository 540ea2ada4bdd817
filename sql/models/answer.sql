-- Keep a person's answer. Parameters: as_of, model_version, champion_version, promoted, reason, figures, decided_by,
-- decided_at.
insert into pel.promotions (
    as_of, model_version, champion_version, promoted, reason, figures, decided_by, decided_at
)
values (
    %(as_of)s, %(model_version)s, %(champion_version)s, %(promoted)s, %(reason)s, %(figures)s, %(decided_by)s,
    %(decided_at)s
)
