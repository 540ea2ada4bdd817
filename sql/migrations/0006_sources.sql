-- Several sources of one film. Each source's word is kept as it came, with the day on which it was seen; the tables of
-- facts hold what follows from all of them (sql/resolve).

-- titles and names differ between sources by accents, case and punctuation
create function pel.comparable(text) returns text
    language sql immutable strict parallel safe
    return lower(regexp_replace(normalize($1, nfkd), '[^[:alnum:]]', '', 'g'));

create function pel.earliest_day(last_day date, release_precision text) returns date
    language sql immutable parallel safe
    return case release_precision
        when 'day' then last_day
        when 'month' then date_trunc('month', last_day)::date
        when 'year' then date_trunc('year', last_day)::date
    end;

create table pel.film_records (
    film_record_id bigint generated always as identity primary key,
    source text not null,
    source_key text not null,
    film_id bigint not null,
    record jsonb not null,
    record_sha256 text not null,
    seen_on date not null,
    valid_from date not null,
    valid_until date not null default 'infinity',
    ingest_run_id bigint not null references pel.ingest_runs
);
-- a source has one current word on a film
create unique index current_word on pel.film_records (source, source_key) where valid_until = 'infinity';
create index words_on_film on pel.film_records (film_id);
-- words that are not the first of their source: the films to look at again when as_of moves
create index later_words on pel.film_records (valid_from) where valid_from > '-infinity';
comment on table pel.film_records is
    'What each source said of a film, and when. The first word counts for all time; a later one of a live source from the day it was seen, of any other source in place of the earlier.';
comment on column pel.film_records.film_record_id is 'Number of the record.';
comment on column pel.film_records.source is 'Who said it.';
comment on column pel.film_records.source_key is 'The film''s key in that source.';
comment on column pel.film_records.film_id is
    'The film. Given before the checks let the film in, so it may not be in films yet.';
comment on column pel.film_records.record is 'The record, unknown fields left out.';
comment on column pel.film_records.record_sha256 is 'SHA-256 of the record as it came; an equal record changes nothing.';
comment on column pel.film_records.seen_on is 'Day (UTC) on which the source was read.';
comment on column pel.film_records.valid_from is 'First as_of for which the record counts.';
comment on column pel.film_records.valid_until is
    'First as_of for which it does not any more; infinity for the current word, -infinity for a word that was replaced.';
comment on column pel.film_records.ingest_run_id is 'Ingest run that brought it.';

create table pel.film_ids (
    external_id text primary key,
    film_id bigint not null
);
create index ids_of_film on pel.film_ids (film_id);
comment on table pel.film_ids is 'How the catalogues of this world number our films. By these, records of several sources become one film.';
comment on column pel.film_ids.external_id is 'Such as tmdb:348, imdb:tt0078748, wikidata:Q103569.';
comment on column pel.film_ids.film_id is 'The film.';

create table pel.pending_films (film_id bigint primary key);
comment on table pel.pending_films is 'Films of which a record came that is not among the facts yet; the checks stand between.';
comment on column pel.pending_films.film_id is 'The film.';

create table pel.finished_batches (
    source text not null,
    location text not null,
    batch text not null,
    primary key (source, location, batch)
);
comment on table pel.finished_batches is 'Parts of a source that a run had taken in before it died; the next run of the same location goes on after them.';
comment on column pel.finished_batches.source is 'The source.';
comment on column pel.finished_batches.location is 'What was read of it.';
comment on column pel.finished_batches.batch is 'The part.';

create table pel.user_ratings (
    source text not null,
    external_id text not null,
    month date not null,
    votes integer not null,
    points bigint not null,
    primary key (source, external_id, month),
    constraint votes_are_positive check (votes > 0),
    constraint points_are_out_of_ten check (points between votes and 10 * votes)
);
comment on table pel.user_ratings is 'What users gave a film, month by month. Who they are is not kept.';
comment on column pel.user_ratings.source is 'Who collected them.';
comment on column pel.user_ratings.external_id is 'The film, such as tmdb:348; it may come later than its ratings.';
comment on column pel.user_ratings.month is 'First day of the month.';
comment on column pel.user_ratings.votes is 'How many rated it in that month.';
comment on column pel.user_ratings.points is 'Sum of their ratings, each 1 to 10.';

create table pel.trust (
    field text not null,
    source text not null,
    rank integer not null,
    primary key (field, source)
);
comment on table pel.trust is
    'Whom to believe where sources differ: the lowest rank that says anything. A source not named here comes last. Change it as you see fit; it holds from the next ingest of a film.';
comment on column pel.trust.field is 'Field of a record; * stands for every field not named.';
comment on column pel.trust.source is 'The source.';
comment on column pel.trust.rank is 'Its rank; 1 is believed first.';
insert into pel.trust (field, source, rank) values
    ('*', 'corrections', 0),  -- someone looked at it
    ('*', 'tmdb', 1),         -- mended every day
    ('*', 'kaggle', 2),       -- TMDB as it was in 2017
    ('*', 'tmdb5000', 3),     -- the same, fewer films
    ('*', 'wikidata', 4);     -- no billing order, most dates known to the year

alter table pel.ingest_runs add column rejected_by_reason jsonb not null default '{}';
comment on column pel.ingest_runs.rejected_by_reason is 'How many records were set aside by what was wrong with them.';

-- films: what follows from the records; who said it is in film_records
insert into pel.film_records (source, source_key, film_id, record, record_sha256, seen_on, valid_from, ingest_run_id)
select source, source_key, film_id, jsonb_build_object('title', title), '', current_date, '-infinity', ingest_run_id
from pel.films;
alter table pel.films
    drop column source,
    drop column source_key,
    drop column record_sha256,
    drop column ingest_run_id,
    drop column budget,
    add column certification text,
    add column words text;
comment on table pel.films is 'Films, as follows from what the sources say (film_records) by the order of trust.';
comment on column pel.films.certification is 'Certificate in the US, such as PG-13; it is given before release.';
comment on column pel.films.words is 'Which records are in force, for a film of which a source said different things at different times.';
create index films_by_earliest_release on pel.films (release_earliest);

alter table pel.people add column person_key text;
update pel.people set person_key = 'name:' || name;
alter table pel.people
    drop column source,
    drop column source_key,
    alter column person_key set not null,
    add constraint one_person_per_key unique (person_key);
comment on column pel.people.person_key is
    'What tells people of one name apart: a catalogue and its key (tmdb:31) or, where a source has nothing but names, the name (name:Tom Hanks).';

create table pel.keywords (
    keyword_id bigint generated always as identity primary key,
    name text not null unique
);
create table pel.film_keywords (
    film_id bigint not null references pel.films on delete cascade,
    keyword_id bigint not null references pel.keywords,
    primary key (film_id, keyword_id)
);
comment on table pel.keywords is 'Keywords.';
comment on column pel.keywords.keyword_id is 'Number of the keyword here.';
comment on column pel.keywords.name is 'Name.';
comment on table pel.film_keywords is
    'Keywords of a film. Many are given after it did well: not an attribute by themselves.';
comment on column pel.film_keywords.film_id is 'The film.';
comment on column pel.film_keywords.keyword_id is 'The keyword.';

create table pel.budgets (
    film_id bigint not null references pel.films on delete cascade,
    source text not null,
    dollars numeric(15, 2) not null,
    primary key (film_id, source),
    constraint dollars_are_positive check (dollars > 0)
);
comment on table pel.budgets is 'Production budgets, as the sources say.';
comment on column pel.budgets.film_id is 'The film.';
comment on column pel.budgets.source is 'Who said it.';
comment on column pel.budgets.dollars is 'Budget in US dollars, not adjusted for inflation.';

-- figures are told apart by the day of observation; known_on follows from it and from the release
alter table pel.ratings drop constraint ratings_pkey;
alter table pel.ratings add constraint one_rating_per_observation unique nulls not distinct (film_id, source, observed_on);
alter table pel.box_office drop constraint box_office_pkey;
alter table pel.box_office
    add constraint one_box_office_per_observation unique nulls not distinct (film_id, source, observed_on);
comment on column pel.ratings.known_on is
    'Day from which the figure may be used: the day it was observed or, where the source does not say, release plus the settling time.';
comment on column pel.box_office.known_on is
    'Day from which the figure may be used: release plus the settling time, or the day it was observed if that is later. Until then it is a running total.';
