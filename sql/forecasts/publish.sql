-- Show the predictions of this model for this as_of, unless they are what is shown. Parameters: as_of, model_version.
with shown as (
    select model_version
    from pel.publications
    where as_of = %(as_of)s
    order by publication_id desc
    limit 1
)
insert into pel.publications (as_of, model_version, films)
select %(as_of)s, %(model_version)s, count(*)
from pel.predictions
where as_of = %(as_of)s
  and model_version = %(model_version)s
  and not exists (select from shown where model_version = %(model_version)s)
having count(*) > 0 and not exists (select from shown where model_version = %(model_version)s)
returning films
