-- Mark the models whose files are kept no longer. The reasons to keep them are those of pel/training/retention.py.
-- Parameters: as_of, keep_days, keep_champions.
with young as (
    select model_version from pel.model_versions where as_of > %(as_of)s::date - %(keep_days)s
),
newest_pretrained as (
    select model_version
    from pel.model_versions
    where kind = 'pretrained'
      and as_of <= %(as_of)s
      and artifacts_removed_at is null
    order by as_of desc, created_at desc
    limit 1
),
champions as (
    select distinct on (p.model_version) p.model_version, p.as_of, p.promotion_id
    from pel.promotions p
    join pel.model_versions m using (model_version)
    where p.promoted
      and p.as_of <= %(as_of)s
      and m.artifacts_removed_at is null
    order by p.model_version, p.as_of desc, p.promotion_id desc
),
last_champions as (
    select model_version
    from champions
    order by as_of desc, promotion_id desc
    limit %(keep_champions)s
),
waiting as (
    select model_version
    from pel.promotions w
    where waits
      and not exists (
          select from pel.promotions answer
          where answer.model_version = w.model_version
            and answer.as_of = w.as_of
            and answer.promotion_id > w.promotion_id
      )
),
shown as (
    select distinct on (as_of) as_of, model_version
    from pel.publications
    order by as_of, publication_id desc
),
kept as (
    table young
    union all table newest_pretrained
    union all table last_champions
    union all table waiting
    union all
    select model_version
    from shown
    where as_of > %(as_of)s::date - %(keep_days)s
       or as_of = (select max(as_of) from shown)
)
update pel.model_versions
set artifacts_removed_at = now()
where artifacts_removed_at is null
  and model_version not in (table kept)
returning model_version
