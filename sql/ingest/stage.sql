-- Where one batch arrives by COPY, before it is compared with what is kept. A line with a reason is a reject.
create temporary table staged (
    line bigint not null,
    source_key text,
    record_sha256 text,
    record jsonb,  -- null: the source has the film no more
    reason text,
    raw text
) on commit drop;

create temporary table staged_user_ratings (
    external_id text,
    day integer,  -- since 1970-01-01
    points double precision,
    reason text,
    raw text
) on commit drop;
