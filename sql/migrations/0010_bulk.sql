-- What makes a million films bearable.

-- A foreign key is looked up for every row: with them, and before the session settings of pel/warehouse/connection.py, a
-- credit took 32 microseconds; without them, and with these settings, 8. The one writer of these tables (sql/resolve) takes every key from the table that it points to, in the same transaction, and never
-- deletes a film, a person or a name.
alter table pel.credits
    drop constraint credits_film_id_fkey,
    drop constraint credits_person_id_fkey;
alter table pel.film_genres
    drop constraint film_genres_film_id_fkey,
    drop constraint film_genres_genre_id_fkey;
alter table pel.film_companies
    drop constraint film_companies_film_id_fkey,
    drop constraint film_companies_company_id_fkey;
alter table pel.film_collections
    drop constraint film_collections_film_id_fkey,
    drop constraint film_collections_collection_id_fkey;
alter table pel.film_countries
    drop constraint film_countries_film_id_fkey,
    drop constraint film_countries_country_id_fkey;
alter table pel.film_languages
    drop constraint film_languages_film_id_fkey,
    drop constraint film_languages_language_id_fkey;
alter table pel.film_keywords
    drop constraint film_keywords_film_id_fkey,
    drop constraint film_keywords_keyword_id_fkey;
alter table pel.film_attributes drop constraint film_attributes_film_id_fkey;

-- After a load the planner knows nothing of the new rows: it took the deltas, a scan over all films, once for every film.
-- Only the owner may look at tables anew; the pipeline asks the owner to.
create function pel.update_statistics() returns void
    language plpgsql security definer set search_path = pel, pg_temp
as $$
begin
    analyze pel.film_records, pel.film_ids, pel.user_ratings, pel.films, pel.people, pel.credits,
        pel.genres, pel.film_genres, pel.companies, pel.film_companies, pel.collections, pel.film_collections,
        pel.budgets, pel.ratings, pel.box_office, pel.film_attributes, pel.film_events;
end
$$;
revoke execute on function pel.update_statistics() from public;
grant execute on function pel.update_statistics() to pel_pipeline;
