-- Attributes (X_t) and temporal deltas (D_t). Both are computed from the facts and can be computed again at any time.

create table pel.film_attributes (
    film_id bigint primary key references pel.films on delete cascade,
    known_at date not null,
    director_films double precision not null,
    director_box_office double precision,
    director_box_office_films double precision not null,
    director_rating double precision,
    cast_films double precision not null,
    cast_box_office double precision,
    cast_box_office_films double precision not null,
    cast_rating double precision,
    budget double precision,
    genres text[] not null,
    release_year integer not null,
    release_week integer
);
comment on table pel.film_attributes is
    'X_t: a film''s attributes (director, cast, budget, genres, release date) as they were known at known_at.';
comment on column pel.film_attributes.film_id is 'The film.';
comment on column pel.film_attributes.known_at is
    'Day from which the row looks back: the film''s own release or, for a film not yet released, as_of.';
comment on column pel.film_attributes.director_films is 'Earlier films of the directors, mean per director.';
comment on column pel.film_attributes.director_box_office is
    'Mean log10 dollars of the directors'' earlier films whose box office was known; null without any.';
comment on column pel.film_attributes.director_box_office_films is
    'Earlier films of the directors whose box office was known, mean per director.';
comment on column pel.film_attributes.director_rating is
    'Mean rating (0 to 10) of the directors'' earlier films whose rating was known; null without any.';
comment on column pel.film_attributes.cast_films is 'Earlier films of the cast, mean per person.';
comment on column pel.film_attributes.cast_box_office is
    'Mean log10 dollars of the cast''s earlier films whose box office was known; null without any.';
comment on column pel.film_attributes.cast_box_office_films is
    'Earlier films of the cast whose box office was known, mean per person.';
comment on column pel.film_attributes.cast_rating is
    'Mean rating (0 to 10) of the cast''s earlier films whose rating was known; null without any.';
comment on column pel.film_attributes.budget is 'log10 dollars of the production budget; null if unknown.';
comment on column pel.film_attributes.genres is 'Genres in alphabetical order.';
comment on column pel.film_attributes.release_year is 'Year of release.';
comment on column pel.film_attributes.release_week is 'ISO week of release, 1 to 53; null unless the day is known.';

create table pel.temporal_deltas (
    film_id bigint primary key references pel.film_attributes on delete cascade,
    previous_film_id bigint references pel.film_attributes on delete set null,
    director_films double precision,
    director_box_office double precision,
    director_box_office_films double precision,
    director_rating double precision,
    cast_films double precision,
    cast_box_office double precision,
    cast_box_office_films double precision,
    cast_rating double precision,
    budget double precision,
    genres_added text[] not null,
    genres_removed text[] not null,
    release_days integer
);
create index temporal_deltas_by_previous on pel.temporal_deltas (previous_film_id);
comment on table pel.temporal_deltas is
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
comment on column pel.temporal_deltas.budget is 'Difference of budget, log10 dollars.';
comment on column pel.temporal_deltas.genres_added is 'Genres that the film has and the one before it has not.';
comment on column pel.temporal_deltas.genres_removed is 'Genres that the one before it has and the film has not.';
comment on column pel.temporal_deltas.release_days is 'Days between the two releases.';

-- What the next refresh of the two tables has to look at again; filled by the merge of a source, emptied by the refresh.
create table pel.stale_films (film_id bigint primary key references pel.films on delete cascade);
create table pel.stale_people (person_id bigint primary key references pel.people on delete cascade);
comment on table pel.stale_films is 'Films that changed since their attributes were computed.';
comment on column pel.stale_films.film_id is 'The film.';
comment on table pel.stale_people is 'People whose films changed since the attributes of these were computed.';
comment on column pel.stale_people.person_id is 'The person.';
