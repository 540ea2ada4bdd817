-- Facts as the sources tell them: films, who made them, how they were rated, what they made.
-- Schema pel holds the tables; schema public holds nothing but the views for users (0004).

create table pel.ingest_runs (
    ingest_run_id bigint generated always as identity primary key,
    source text not null,
    location text not null,
    state text not null default 'running',
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    records_read bigint not null default 0,
    inserted bigint not null default 0,
    updated bigint not null default 0,
    unchanged bigint not null default 0,
    rejected bigint not null default 0,
    error text,
    constraint state_is_known check (state in ('running', 'succeeded', 'failed')),
    constraint finished_runs_say_when check ((state = 'running') = (finished_at is null)),
    constraint failed_runs_say_why check ((state = 'failed') = (error is not null))
);
comment on table pel.ingest_runs is 'One row per attempt to read a source.';
comment on column pel.ingest_runs.ingest_run_id is 'Number of the run, in order of start.';
comment on column pel.ingest_runs.source is 'Name of the source that was read.';
comment on column pel.ingest_runs.location is 'File or address that was read.';
comment on column pel.ingest_runs.state is 'running, succeeded or failed.';
comment on column pel.ingest_runs.started_at is 'When the run started.';
comment on column pel.ingest_runs.finished_at is 'When the run ended; null while it runs.';
comment on column pel.ingest_runs.records_read is 'Records found in the source.';
comment on column pel.ingest_runs.inserted is 'Films seen for the first time.';
comment on column pel.ingest_runs.updated is 'Films whose record differed from the one kept.';
comment on column pel.ingest_runs.unchanged is 'Films whose record was the one kept.';
comment on column pel.ingest_runs.rejected is 'Records set aside in rejected_records.';
comment on column pel.ingest_runs.error is 'Why the run failed; null unless it did.';

create table pel.rejected_records (
    rejected_record_id bigint generated always as identity primary key,
    source text not null,
    reason text not null,
    raw text not null,
    first_ingest_run_id bigint not null references pel.ingest_runs,
    last_ingest_run_id bigint not null references pel.ingest_runs
);
-- the same bad record is one row however often it comes; by its hash, for a record may be too long for an index
create unique index rejected_once on pel.rejected_records (source, md5(reason), md5(raw));
comment on table pel.rejected_records is 'Records that could not be taken in, with the reason and their raw text.';
comment on column pel.rejected_records.rejected_record_id is 'Number of the rejected record.';
comment on column pel.rejected_records.source is 'Source that delivered it.';
comment on column pel.rejected_records.reason is 'What is wrong with it.';
comment on column pel.rejected_records.raw is 'The record as it was delivered.';
comment on column pel.rejected_records.first_ingest_run_id is 'Ingest run in which it came first.';
comment on column pel.rejected_records.last_ingest_run_id is 'Ingest run in which it came last.';

create table pel.films (
    film_id bigint generated always as identity primary key,
    source text not null,
    source_key text not null,
    title text not null,
    release_date date,
    release_precision text,
    release_earliest date generated always as (
        case release_precision
            when 'day' then release_date
            when 'month' then make_date(extract(year from release_date)::int, extract(month from release_date)::int, 1)
            when 'year' then make_date(extract(year from release_date)::int, 1, 1)
        end
    ) stored,
    runtime_minutes integer,
    budget numeric(15, 2),
    record_sha256 text not null,
    ingest_run_id bigint not null references pel.ingest_runs,
    constraint one_film_per_source_key unique (source, source_key),
    constraint title_is_not_empty check (title <> ''),
    constraint precision_is_known check (release_precision in ('day', 'month', 'year')),
    constraint dates_have_a_precision check ((release_date is null) = (release_precision is null)),
    constraint runtime_is_positive check (runtime_minutes > 0),
    constraint budget_is_positive check (budget > 0)
);
-- the total order of films, for predecessors and for what is upcoming
create index films_in_order on pel.films (release_date, film_id) where release_precision = 'day';
comment on table pel.films is 'Films as their source describes them.';
comment on column pel.films.film_id is 'Number of the film here.';
comment on column pel.films.source is 'Source of the record.';
comment on column pel.films.source_key is 'The film''s key in that source.';
comment on column pel.films.title is 'Title.';
comment on column pel.films.release_date is
    'First release. Where only the month or the year is known, its last day: by then the film is out. See release_precision.';
comment on column pel.films.release_precision is 'What of release_date is known: day, month or year.';
comment on column pel.films.release_earliest is
    'First day on which the film may have come out; equals release_date if the day is known.';
comment on column pel.films.runtime_minutes is 'Length in minutes.';
comment on column pel.films.budget is 'Production budget in US dollars, not adjusted for inflation.';
comment on column pel.films.record_sha256 is 'SHA-256 of the record that was taken in; an equal record changes nothing.';
comment on column pel.films.ingest_run_id is 'Ingest run that last changed the film.';

create table pel.people (
    person_id bigint generated always as identity primary key,
    source text not null,
    source_key text not null,
    name text not null,
    constraint one_person_per_source_key unique (source, source_key)
);
comment on table pel.people is 'People who made films.';
comment on column pel.people.person_id is 'Number of the person here.';
comment on column pel.people.source is 'Source of the record.';
comment on column pel.people.source_key is 'The person''s key in that source; the name, where the source has no keys.';
comment on column pel.people.name is 'Name.';

create table pel.credits (
    film_id bigint not null references pel.films on delete cascade,
    person_id bigint not null references pel.people,
    role text not null,
    billing integer,
    primary key (film_id, role, person_id),
    constraint role_is_known check (role in ('director', 'cast')),
    constraint billing_starts_at_one check (billing >= 1)
);
-- a person's films, for track records
create index credits_of_person on pel.credits (person_id, role, film_id);
comment on table pel.credits is 'Who did what in a film.';
comment on column pel.credits.film_id is 'The film.';
comment on column pel.credits.person_id is 'The person.';
comment on column pel.credits.role is 'director or cast.';
comment on column pel.credits.billing is 'Place in the billing, from 1; null where the source has no billing order.';

create table pel.genres (
    genre_id bigint generated always as identity primary key,
    name text not null unique
);
create table pel.film_genres (
    film_id bigint not null references pel.films on delete cascade,
    genre_id bigint not null references pel.genres,
    primary key (film_id, genre_id)
);
create table pel.companies (
    company_id bigint generated always as identity primary key,
    name text not null unique
);
create table pel.film_companies (
    film_id bigint not null references pel.films on delete cascade,
    company_id bigint not null references pel.companies,
    primary key (film_id, company_id)
);
create table pel.collections (
    collection_id bigint generated always as identity primary key,
    name text not null unique
);
create table pel.film_collections (
    film_id bigint not null references pel.films on delete cascade,
    collection_id bigint not null references pel.collections,
    primary key (film_id, collection_id)
);
create table pel.countries (
    country_id bigint generated always as identity primary key,
    name text not null unique
);
create table pel.film_countries (
    film_id bigint not null references pel.films on delete cascade,
    country_id bigint not null references pel.countries,
    primary key (film_id, country_id)
);
create table pel.languages (
    language_id bigint generated always as identity primary key,
    name text not null unique
);
create table pel.film_languages (
    film_id bigint not null references pel.films on delete cascade,
    language_id bigint not null references pel.languages,
    primary key (film_id, language_id)
);
comment on table pel.genres is 'Genres.';
comment on column pel.genres.genre_id is 'Number of the genre here.';
comment on column pel.genres.name is 'Name.';
comment on table pel.film_genres is 'Genres of a film.';
comment on column pel.film_genres.film_id is 'The film.';
comment on column pel.film_genres.genre_id is 'The genre.';
comment on table pel.companies is 'Production companies.';
comment on column pel.companies.company_id is 'Number of the company here.';
comment on column pel.companies.name is 'Name.';
comment on table pel.film_companies is 'Production companies of a film.';
comment on column pel.film_companies.film_id is 'The film.';
comment on column pel.film_companies.company_id is 'The company.';
comment on table pel.collections is
    'Series of films. That a film belongs to one is often said only after it did well: never an attribute by itself.';
comment on column pel.collections.collection_id is 'Number of the collection here.';
comment on column pel.collections.name is 'Name.';
comment on table pel.film_collections is 'Collections of a film.';
comment on column pel.film_collections.film_id is 'The film.';
comment on column pel.film_collections.collection_id is 'The collection.';
comment on table pel.countries is 'Countries of production.';
comment on column pel.countries.country_id is 'Number of the country here.';
comment on column pel.countries.name is 'Name.';
comment on table pel.film_countries is 'Countries of production of a film.';
comment on column pel.film_countries.film_id is 'The film.';
comment on column pel.film_countries.country_id is 'The country.';
comment on table pel.languages is 'Spoken languages.';
comment on column pel.languages.language_id is 'Number of the language here.';
comment on column pel.languages.name is 'Name.';
comment on table pel.film_languages is 'Spoken languages of a film.';
comment on column pel.film_languages.film_id is 'The film.';
comment on column pel.film_languages.language_id is 'The language.';

create table pel.ratings (
    film_id bigint not null references pel.films on delete cascade,
    source text not null,
    known_on date not null,
    rating numeric(4, 2) not null,
    votes integer,
    observed_on date,
    primary key (film_id, source, known_on),
    constraint rating_is_out_of_ten check (rating between 0 and 10),
    constraint votes_are_positive check (votes > 0)
);
comment on table pel.ratings is 'Ratings of films, as observed.';
comment on column pel.ratings.film_id is 'The film.';
comment on column pel.ratings.source is 'Who observed it.';
comment on column pel.ratings.known_on is
    'Day from which the figure may be used: the day it was observed or, where the source does not say, release plus the settling time.';
comment on column pel.ratings.rating is 'Mean rating, 0 to 10.';
comment on column pel.ratings.votes is 'How many rated; null where the source does not say.';
comment on column pel.ratings.observed_on is 'Day of observation as the source gives it.';

create table pel.box_office (
    film_id bigint not null references pel.films on delete cascade,
    source text not null,
    known_on date not null,
    dollars numeric(15, 2) not null,
    observed_on date,
    primary key (film_id, source, known_on),
    constraint dollars_are_positive check (dollars > 0)
);
comment on table pel.box_office is 'Box office of films, as observed.';
comment on column pel.box_office.film_id is 'The film.';
comment on column pel.box_office.source is 'Who observed it.';
comment on column pel.box_office.known_on is
    'Day from which the figure may be used: the day it was observed or, where the source does not say, release plus the settling time.';
comment on column pel.box_office.dollars is 'Box office in US dollars, not adjusted for inflation.';
comment on column pel.box_office.observed_on is 'Day of observation as the source gives it.';

comment on table pel.schema_migrations is 'The migration that the schema stands at.';
comment on column pel.schema_migrations.version_num is 'Number of the newest migration that was applied.';
