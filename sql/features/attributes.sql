-- Bring film_attributes (X_t) up to date for one as_of. Parameter: as_of.
-- A film looks back from known_at: its own release or, while it is upcoming at as_of, as_of itself. It sees only films
-- released before known_at, and only figures known by then. Done again are the films that changed and those whose
-- known_at moves with as_of; and of films that look back on a history that changed, what they have from it. An emptied
-- table is rebuilt in full.

create temporary table changed on commit drop as
select film_id, release_date, release_earliest
from pel.films
where not exists (select from pel.film_attributes)
union all
select f.film_id, f.release_date, f.release_earliest
from pel.stale_films
join pel.films f using (film_id)
where exists (select from pel.film_attributes);
create unique index on changed (film_id);
analyze changed;

create temporary table stale on commit drop as
select film_id, least(release_earliest, %(as_of)s::date) as known_at
from changed
where release_date is not null
union
select f.film_id, least(f.release_earliest, %(as_of)s::date)
from pel.films f
join pel.film_attributes a using (film_id)
where f.release_earliest > least(%(as_of)s::date, (select as_of from pel.refreshes))
  and a.known_at <> least(f.release_earliest, %(as_of)s::date);
create unique index on stale (film_id);
analyze stale;

delete from pel.film_attributes a using changed c where a.film_id = c.film_id and c.release_date is null;

create temporary table believed_budgets on commit drop as
select distinct on (film_id) film_id, log(dollars)::double precision as log10_dollars
from pel.plausible_budgets
where film_id in (select film_id from stale)
order by film_id, rank, source;
create unique index on believed_budgets (film_id);
analyze believed_budgets;

-- What becomes known of the films that changed. A figure that replaces an earlier one counts by what it adds to it; one
-- from before the release counts from the day after.
delete from pel.film_events e using changed c where e.film_id = c.film_id;

insert into pel.film_events (
    film_id, day, films, budgets, micro_budget, paid, micro_log10, dollars, returns, micro_return, rated, centi_rating
)
with dated as (
    select c.film_id, c.release_date + 1 as day, round(b.log10_dollars * 1e6)::integer as micro_budget
    from changed c
    left join believed_budgets b using (film_id)
    where c.release_date is not null
),
paid as (
    select film_id, known_on, (lag(micro_log10) over film is null)::integer as paid,
           micro_log10 - coalesce(lag(micro_log10) over film, 0) as micro_log10,
           dollars - coalesce(lag(dollars) over film, 0) as dollars
    from (
        select film_id, known_on, rank, source, observed_on, round(dollars)::bigint as dollars,
               round(log(dollars::double precision) * 1e6)::integer as micro_log10
        from pel.plausible_box_office
        where film_id in (select film_id from changed)
    ) figures
    window film as (partition by film_id order by known_on, rank desc, source desc, observed_on nulls first)
),
rated as (
    select film_id, known_on, (lag(centi_rating) over film is null)::integer as rated,
           centi_rating - coalesce(lag(centi_rating) over film, 0) as centi_rating
    from (
        select film_id, known_on, rank, source, observed_on, round(rating * 100)::integer as centi_rating
        from pel.plausible_ratings
        where film_id in (select film_id from changed)
    ) figures
    window film as (partition by film_id order by known_on, rank desc, source desc, observed_on nulls first)
)
select
    film_id, day, sum(films), sum(budgets), sum(micro_budget), sum(paid), sum(micro_log10), sum(dollars),
    sum(returns), sum(micro_return), sum(rated), sum(centi_rating)
from (
    select
        film_id, day, 1 as films, (micro_budget is not null)::integer as budgets,
        coalesce(micro_budget, 0) as micro_budget, 0 as paid, 0 as micro_log10, 0 as dollars, 0 as returns, 0 as micro_return, 0 as rated, 0 as centi_rating
    from dated
    union all
    select
        film_id, greatest(p.known_on, d.day), 0, 0, 0, p.paid, p.micro_log10, p.dollars,
        case when d.micro_budget is null then 0 else p.paid end,
        coalesce(p.micro_log10 - p.paid * d.micro_budget, 0), 0, 0
    from paid p
    join dated d using (film_id)
    union all
    select film_id, greatest(r.known_on, d.day), 0, 0, 0, 0, 0, 0, 0, 0, r.rated, r.centi_rating
    from rated r
    join dated d using (film_id)
) news
group by film_id, day
order by film_id, day;

create temporary table asking on commit drop as
select p.kind, p.participant_id, s.film_id, s.known_at
from stale s
join pel.participations p using (film_id)
union all
select p.kind, p.participant_id, touched.film_id, touched.known_at
from (
    select distinct h.kind, a.film_id, a.known_at
    from pel.stale_histories h
    join pel.participations p using (kind, participant_id)
    join pel.film_attributes a using (film_id)
    where a.known_at > h.since
      and not exists (select from stale s where s.film_id = a.film_id)
) touched
join pel.participations p using (kind, film_id);
analyze asking;

create temporary table histories on commit drop as
with told as (
    -- within a day, those who ask (film_id) come last
    select
        p.kind, p.participant_id, e.day, null::bigint as film_id, e.films, e.budgets, e.micro_budget, e.paid,
        e.micro_log10, e.dollars, e.returns, e.micro_return, e.rated, e.centi_rating
    from (select distinct kind, participant_id from asking) asked
    join pel.participations p using (kind, participant_id)
    join pel.film_events e using (film_id)
    union all
    select kind, participant_id, known_at, film_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
    from asking
),
known as (
    select film_id, kind, day as known_at, max(case when films > 0 then day - 1 end) over past as last_release,
           sum(films) over past as films,
           sum(budgets) over past as budgets,
           sum(micro_budget) over past as micro_budget,
           sum(paid) over past as paid,
           sum(micro_log10) over past as micro_log10,
           sum(dollars) over past as dollars,
           sum(returns) over past as returns,
           sum(micro_return) over past as micro_return,
           sum(rated) over past as rated,
           sum(centi_rating) over past as centi_rating
    from told
    window past as (
        partition by participant_id, kind
        order by day, film_id is not null
        rows unbounded preceding
    )
),
together as (
    select
        film_id,
        kind,
        avg(films)::double precision as films,
        sum(micro_log10) / (1e6 * nullif(sum(paid), 0))::double precision as box_office,
        avg(paid)::double precision as box_office_films,
        sum(centi_rating) / (1e2 * nullif(sum(rated), 0))::double precision as rating,
        sum(micro_budget) / (1e6 * nullif(sum(budgets), 0))::double precision as budget,
        sum(micro_return) / (1e6 * nullif(sum(returns), 0))::double precision as return,
        log(nullif(sum(dollars), 0)::double precision) as total,
        -- two more films of the usual 6.3 million dollars (10^6.8), so that one lucky film makes no star; of newcomers
        -- alone nothing is said, not even that there are any: that a film has a collection is often known by its success
        case when sum(films) > 0
            then max((micro_log10 + 2 * 6.8e6)::double precision / (1e6 * (paid + 2))::double precision)
        end as best,
        min(known_at - last_release)::double precision as days
    from known
    where film_id is not null
    group by film_id, kind
)
select
    film_id,
    bool_or(kind = 'director') as asked_director,
    max(films) filter (where kind = 'director') as director_films,
    max(box_office) filter (where kind = 'director') as director_box_office,
    max(box_office_films) filter (where kind = 'director') as director_box_office_films,
    max(rating) filter (where kind = 'director') as director_rating,
    max(budget) filter (where kind = 'director') as director_budget,
    max(return) filter (where kind = 'director') as director_return,
    max(total) filter (where kind = 'director') as director_total,
    max(best) filter (where kind = 'director') as director_best,
    max(days) filter (where kind = 'director') as director_days,
    bool_or(kind = 'cast') as asked_cast,
    max(films) filter (where kind = 'cast') as cast_films,
    max(box_office) filter (where kind = 'cast') as cast_box_office,
    max(box_office_films) filter (where kind = 'cast') as cast_box_office_films,
    max(rating) filter (where kind = 'cast') as cast_rating,
    max(budget) filter (where kind = 'cast') as cast_budget,
    max(return) filter (where kind = 'cast') as cast_return,
    max(total) filter (where kind = 'cast') as cast_total,
    max(best) filter (where kind = 'cast') as cast_best,
    max(days) filter (where kind = 'cast') as cast_days,
    bool_or(kind = 'collection') as asked_collection,
    max(films) filter (where kind = 'collection') as collection_films,
    max(box_office) filter (where kind = 'collection') as collection_box_office,
    max(box_office_films) filter (where kind = 'collection') as collection_box_office_films,
    max(rating) filter (where kind = 'collection') as collection_rating,
    max(budget) filter (where kind = 'collection') as collection_budget,
    max(return) filter (where kind = 'collection') as collection_return,
    max(total) filter (where kind = 'collection') as collection_total,
    max(best) filter (where kind = 'collection') as collection_best,
    max(days) filter (where kind = 'collection') as collection_days,
    bool_or(kind = 'company') as asked_company,
    max(films) filter (where kind = 'company') as company_films,
    max(box_office) filter (where kind = 'company') as company_box_office,
    max(box_office_films) filter (where kind = 'company') as company_box_office_films,
    max(rating) filter (where kind = 'company') as company_rating,
    max(budget) filter (where kind = 'company') as company_budget,
    max(return) filter (where kind = 'company') as company_return,
    max(total) filter (where kind = 'company') as company_total,
    max(best) filter (where kind = 'company') as company_best,
    max(days) filter (where kind = 'company') as company_days
from together
group by film_id;
create unique index on histories (film_id);
analyze histories;

insert into pel.film_attributes (
    film_id, known_at,
    director_films, director_box_office, director_box_office_films, director_rating,
    director_budget, director_return, director_total, director_best, director_days,
    cast_films, cast_box_office, cast_box_office_films, cast_rating,
    cast_budget, cast_return, cast_total, cast_best, cast_days,
    collection_films, collection_box_office, collection_box_office_films, collection_rating,
    collection_budget, collection_return, collection_total, collection_best, collection_days,
    company_films, company_box_office, company_box_office_films, company_rating,
    company_budget, company_return, company_total, company_best, company_days,
    budget, genres, release_year, release_week
)
select
    s.film_id,
    s.known_at,
    coalesce(h.director_films, 0), h.director_box_office, coalesce(h.director_box_office_films, 0), h.director_rating,
    h.director_budget, h.director_return, h.director_total, h.director_best, h.director_days,
    coalesce(h.cast_films, 0), h.cast_box_office, coalesce(h.cast_box_office_films, 0), h.cast_rating,
    h.cast_budget, h.cast_return, h.cast_total, h.cast_best, h.cast_days,
    coalesce(h.collection_films, 0), h.collection_box_office, coalesce(h.collection_box_office_films, 0), h.collection_rating,
    h.collection_budget, h.collection_return, h.collection_total, h.collection_best, h.collection_days,
    h.company_films, h.company_box_office, h.company_box_office_films, h.company_rating,
    h.company_budget, h.company_return, h.company_total, h.company_best, h.company_days,
    b.log10_dollars,
    coalesce(g.genres, '{}'),
    extract(year from f.release_date)::integer,
    case when f.release_precision = 'day' then extract(week from f.release_date)::integer end
from stale s
join pel.films f using (film_id)
left join histories h using (film_id)
left join believed_budgets b using (film_id)
left join (
    select l.film_id, array_agg(n.name order by n.name collate "C") as genres
    from pel.film_genres l
    join pel.genres n using (genre_id)
    where l.film_id in (select film_id from stale)
    group by l.film_id
) g using (film_id)
on conflict (film_id) do update set
    known_at = excluded.known_at,
    director_films = excluded.director_films,
    director_box_office = excluded.director_box_office,
    director_box_office_films = excluded.director_box_office_films,
    director_rating = excluded.director_rating,
    director_budget = excluded.director_budget,
    director_return = excluded.director_return,
    director_total = excluded.director_total,
    director_best = excluded.director_best,
    director_days = excluded.director_days,
    cast_films = excluded.cast_films,
    cast_box_office = excluded.cast_box_office,
    cast_box_office_films = excluded.cast_box_office_films,
    cast_rating = excluded.cast_rating,
    cast_budget = excluded.cast_budget,
    cast_return = excluded.cast_return,
    cast_total = excluded.cast_total,
    cast_best = excluded.cast_best,
    cast_days = excluded.cast_days,
    collection_films = excluded.collection_films,
    collection_box_office = excluded.collection_box_office,
    collection_box_office_films = excluded.collection_box_office_films,
    collection_rating = excluded.collection_rating,
    collection_budget = excluded.collection_budget,
    collection_return = excluded.collection_return,
    collection_total = excluded.collection_total,
    collection_best = excluded.collection_best,
    collection_days = excluded.collection_days,
    company_films = excluded.company_films,
    company_box_office = excluded.company_box_office,
    company_box_office_films = excluded.company_box_office_films,
    company_rating = excluded.company_rating,
    company_budget = excluded.company_budget,
    company_return = excluded.company_return,
    company_total = excluded.company_total,
    company_best = excluded.company_best,
    company_days = excluded.company_days,
    budget = excluded.budget,
    genres = excluded.genres,
    release_year = excluded.release_year,
    release_week = excluded.release_week;

update pel.film_attributes a
set director_films = case when h.asked_director then h.director_films else a.director_films end,
    director_box_office = case when h.asked_director then h.director_box_office else a.director_box_office end,
    director_box_office_films = case when h.asked_director then h.director_box_office_films else a.director_box_office_films end,
    director_rating = case when h.asked_director then h.director_rating else a.director_rating end,
    director_budget = case when h.asked_director then h.director_budget else a.director_budget end,
    director_return = case when h.asked_director then h.director_return else a.director_return end,
    director_total = case when h.asked_director then h.director_total else a.director_total end,
    director_best = case when h.asked_director then h.director_best else a.director_best end,
    director_days = case when h.asked_director then h.director_days else a.director_days end,
    cast_films = case when h.asked_cast then h.cast_films else a.cast_films end,
    cast_box_office = case when h.asked_cast then h.cast_box_office else a.cast_box_office end,
    cast_box_office_films = case when h.asked_cast then h.cast_box_office_films else a.cast_box_office_films end,
    cast_rating = case when h.asked_cast then h.cast_rating else a.cast_rating end,
    cast_budget = case when h.asked_cast then h.cast_budget else a.cast_budget end,
    cast_return = case when h.asked_cast then h.cast_return else a.cast_return end,
    cast_total = case when h.asked_cast then h.cast_total else a.cast_total end,
    cast_best = case when h.asked_cast then h.cast_best else a.cast_best end,
    cast_days = case when h.asked_cast then h.cast_days else a.cast_days end,
    collection_films = case when h.asked_collection then h.collection_films else a.collection_films end,
    collection_box_office = case when h.asked_collection then h.collection_box_office else a.collection_box_office end,
    collection_box_office_films = case when h.asked_collection then h.collection_box_office_films else a.collection_box_office_films end,
    collection_rating = case when h.asked_collection then h.collection_rating else a.collection_rating end,
    collection_budget = case when h.asked_collection then h.collection_budget else a.collection_budget end,
    collection_return = case when h.asked_collection then h.collection_return else a.collection_return end,
    collection_total = case when h.asked_collection then h.collection_total else a.collection_total end,
    collection_best = case when h.asked_collection then h.collection_best else a.collection_best end,
    collection_days = case when h.asked_collection then h.collection_days else a.collection_days end,
    company_films = case when h.asked_company then h.company_films else a.company_films end,
    company_box_office = case when h.asked_company then h.company_box_office else a.company_box_office end,
    company_box_office_films = case when h.asked_company then h.company_box_office_films else a.company_box_office_films end,
    company_rating = case when h.asked_company then h.company_rating else a.company_rating end,
    company_budget = case when h.asked_company then h.company_budget else a.company_budget end,
    company_return = case when h.asked_company then h.company_return else a.company_return end,
    company_total = case when h.asked_company then h.company_total else a.company_total end,
    company_best = case when h.asked_company then h.company_best else a.company_best end,
    company_days = case when h.asked_company then h.company_days else a.company_days end
from histories h
where a.film_id = h.film_id
  and not exists (select from stale s where s.film_id = h.film_id);

delete from pel.stale_films;
delete from pel.stale_histories;

insert into pel.refreshes (as_of) values (%(as_of)s)
on conflict (one_row) do update set as_of = excluded.as_of;

select (select count(*) from stale) as films, (select count(*) from histories) as histories
