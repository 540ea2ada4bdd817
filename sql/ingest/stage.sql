-- Where the records of one ingest run arrive by COPY, before they are compared with what is kept.
create temporary table staged (
    line bigint not null,
    source_key text not null,
    title text not null,
    release_date date,
    release_precision text,
    runtime_minutes integer,
    budget numeric,
    directors text[] not null,
    cast_names text[] not null,
    cast_billing integer[] not null,
    genres text[] not null,
    companies text[] not null,
    collections text[] not null,
    countries text[] not null,
    languages text[] not null,
    rating numeric,
    rating_votes integer,
    rating_observed_on date,
    dollars numeric,
    dollars_observed_on date,
    record_sha256 text not null,
    record text not null
) on commit drop;

create temporary table staged_rejects (
    reason text not null,
    raw text not null
) on commit drop;
