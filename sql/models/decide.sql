-- Keep a decision about a candidate, once per candidate and date.
insert into pel.promotions (as_of, model_version, champion_version, promoted, reason, figures)
select %(as_of)s, %(model_version)s, %(champion_version)s, %(promoted)s, %(reason)s, %(figures)s
where not exists (
    select from pel.promotions
    where model_version = %(model_version)s and as_of = %(as_of)s
)
