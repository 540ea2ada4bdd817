-- History of the collection and of the companies beside that of the people, and deltas as a view.

-- computed from the facts; the next refresh fills it again
drop table pel.temporal_deltas;
delete from pel.film_attributes;
alter table pel.film_attributes
    add column collection_films double precision not null default 0,
    add column collection_box_office double precision,
    add column collection_box_office_films double precision not null default 0,
    add column collection_rating double precision,
    add column company_films double precision,
    add column company_box_office double precision,
    add column company_box_office_films double precision,
    add column company_rating double precision;
comment on table pel.film_attributes is
    'X_t: a film''s attributes (director, cast, collection, companies, budget, genres, release date) as they were known at known_at.';
comment on column pel.film_attributes.collection_films is 'Earlier films of the collection, mean per collection; 0 without.';
comment on column pel.film_attributes.collection_box_office is
    'Mean log10 dollars of the collection''s earlier films whose box office was known; null without any.';
comment on column pel.film_attributes.collection_box_office_films is
    'Earlier films of the collection whose box office was known, mean per collection.';
comment on column pel.film_attributes.collection_rating is
    'Mean rating (0 to 10) of the collection''s earlier films whose rating was known; null without any.';
comment on column pel.film_attributes.company_films is 'Earlier films of the companies, mean per company; null where no company is named, which is no newcomer.';
comment on column pel.film_attributes.company_box_office is
    'Mean log10 dollars of the companies'' earlier films whose box office was known; null without any.';
comment on column pel.film_attributes.company_box_office_films is
    'Earlier films of the companies whose box office was known, mean per company; null where no company is named.';
comment on column pel.film_attributes.company_rating is
    'Mean rating (0 to 10) of the companies'' earlier films whose rating was known; null without any.';
-- for those who look back on a film through its companies or its collection
create index films_of_company on pel.film_companies (company_id, film_id);
create index films_of_collection on pel.film_collections (collection_id, film_id);

-- A window over films in their order: always right, whatever changed, and nothing to keep up to date.
create view pel.temporal_deltas as
select
    film_id,
    previous_film_id,
    director_films,
    director_box_office,
    director_box_office_films,
    director_rating,
    cast_films,
    cast_box_office,
    cast_box_office_films,
    cast_rating,
    collection_films,
    collection_box_office,
    collection_box_office_films,
    collection_rating,
    company_films,
    company_box_office,
    company_box_office_films,
    company_rating,
    budget,
    case when previous_film_id is null then '{}'::text[]
        else array(select unnest(genres) collate "C" as genre except select unnest(previous_genres) order by genre)
    end as genres_added,
    case when previous_film_id is null then '{}'::text[]
        else array(select unnest(previous_genres) collate "C" as genre except select unnest(genres) order by genre)
    end as genres_removed,
    release_days
from (
    select
        x.film_id,
        lag(x.film_id) over film_order as previous_film_id,
        x.director_films - lag(x.director_films) over film_order as director_films,
        x.director_box_office - lag(x.director_box_office) over film_order as director_box_office,
        x.director_box_office_films - lag(x.director_box_office_films) over film_order as director_box_office_films,
        x.director_rating - lag(x.director_rating) over film_order as director_rating,
        x.cast_films - lag(x.cast_films) over film_order as cast_films,
        x.cast_box_office - lag(x.cast_box_office) over film_order as cast_box_office,
        x.cast_box_office_films - lag(x.cast_box_office_films) over film_order as cast_box_office_films,
        x.cast_rating - lag(x.cast_rating) over film_order as cast_rating,
        x.collection_films - lag(x.collection_films) over film_order as collection_films,
        x.collection_box_office - lag(x.collection_box_office) over film_order as collection_box_office,
        x.collection_box_office_films - lag(x.collection_box_office_films) over film_order as collection_box_office_films,
        x.collection_rating - lag(x.collection_rating) over film_order as collection_rating,
        x.company_films - lag(x.company_films) over film_order as company_films,
        x.company_box_office - lag(x.company_box_office) over film_order as company_box_office,
        x.company_box_office_films - lag(x.company_box_office_films) over film_order as company_box_office_films,
        x.company_rating - lag(x.company_rating) over film_order as company_rating,
        x.budget - lag(x.budget) over film_order as budget,
        x.genres,
        lag(x.genres) over film_order as previous_genres,
        f.release_date - lag(f.release_date) over film_order as release_days
    from pel.films f
    join pel.film_attributes x using (film_id)
    where f.release_precision = 'day'
    window film_order as (order by f.release_date, film_id)
) in_order;
comment on view pel.temporal_deltas is
    'D_t = X_t - X_(t-1): a film''s attributes less those of the film before it in the order (release_date, film_id). '
    'Only films dated to the day have a place in that order.';
comment on column pel.temporal_deltas.film_id is 'The film.';
comment on column pel.temporal_deltas.previous_film_id is 'The film before it; null for the first.';
comment on column pel.temporal_deltas.director_films is 'Difference of director_films.';
comment on column pel.temporal_deltas.director_box_office is 'Difference of director_box_office, log10 dollars.';
comment on column pel.temporal_deltas.director_box_office_films is 'Difference of director_box_office_films.';
comment on column pel.temporal_deltas.director_rating is 'Difference of director_rating.';
comment on column pel.temporal_deltas.cast_films is 'Difference of cast_films.';
comment on column pel.temporal_deltas.cast_box_office is 'Difference of cast_box_office, log10 dollars.';
comment on column pel.temporal_deltas.cast_box_office_films is 'Difference of cast_box_office_films.';
comment on column pel.temporal_deltas.cast_rating is 'Difference of cast_rating.';
comment on column pel.temporal_deltas.collection_films is 'Difference of collection_films.';
comment on column pel.temporal_deltas.collection_box_office is 'Difference of collection_box_office, log10 dollars.';
comment on column pel.temporal_deltas.collection_box_office_films is 'Difference of collection_box_office_films.';
comment on column pel.temporal_deltas.collection_rating is 'Difference of collection_rating.';
comment on column pel.temporal_deltas.company_films is 'Difference of company_films.';
comment on column pel.temporal_deltas.company_box_office is 'Difference of company_box_office, log10 dollars.';
comment on column pel.temporal_deltas.company_box_office_films is 'Difference of company_box_office_films.';
comment on column pel.temporal_deltas.company_rating is 'Difference of company_rating.';
comment on column pel.temporal_deltas.budget is 'Difference of budget, log10 dollars.';
comment on column pel.temporal_deltas.genres_added is 'Genres that the film has and the one before it has not.';
comment on column pel.temporal_deltas.genres_removed is 'Genres that the one before it has and the film has not.';
comment on column pel.temporal_deltas.release_days is 'Days between the two releases.';

create view pel.participations as
select role as kind, person_id as participant_id, film_id from pel.credits
union all
select 'collection', collection_id, film_id from pel.film_collections
union all
select 'company', company_id, film_id from pel.film_companies;
comment on view pel.participations is 'Who and what has a history that a film looks back on.';
comment on column pel.participations.kind is 'director, cast, collection or company.';
comment on column pel.participations.participant_id is 'The person, collection or company.';
comment on column pel.participations.film_id is 'The film.';

create table pel.film_events (
    film_id bigint not null,
    day date not null,
    films integer not null,
    paid integer not null,
    micro_log10 integer not null,
    rated integer not null,
    centi_rating integer not null
);
create index events_of_film on pel.film_events (film_id);
comment on table pel.film_events is
    'What becomes known of a film, and when; the sums of these over earlier films are the histories in film_attributes. '
    'Integers, so that sums are exact in whatever order. Computed from the facts.';
comment on column pel.film_events.film_id is 'The film.';
comment on column pel.film_events.day is 'From this day on, others see it; never before the day after the release.';
comment on column pel.film_events.films is '1 on the day after the release, else 0.';
comment on column pel.film_events.paid is '1 when the first box office becomes known, else 0.';
comment on column pel.film_events.micro_log10 is 'What the figure of the day adds to the one before: millionths of log10 dollars.';
comment on column pel.film_events.rated is '1 when the first rating becomes known, else 0.';
comment on column pel.film_events.centi_rating is 'What the rating of the day adds to the one before: hundredths.';

drop table pel.stale_people;
create table pel.stale_histories (
    kind text not null,
    participant_id bigint not null,
    since date not null,
    primary key (kind, participant_id)
);
comment on table pel.stale_histories is 'Histories that changed since attributes were computed from them.';
comment on column pel.stale_histories.kind is 'director, cast, collection or company.';
comment on column pel.stale_histories.participant_id is 'The person, collection or company.';
comment on column pel.stale_histories.since is 'Films that look back from later than this day are touched by it.';

create table pel.refreshes (
    one_row boolean primary key default true,
    as_of date not null,
    constraint there_is_one_row check (one_row)
);
comment on table pel.refreshes is 'From when the computed tables look.';
comment on column pel.refreshes.one_row is 'True.';
comment on column pel.refreshes.as_of is 'The as_of of the last refresh.';
