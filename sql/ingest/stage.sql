-- Where the records of one ingest run arrive by COPY, before they are compared with what is kept.
create temporary table staged (
    line bigint not null,
    source_key text not null,
    record_sha256 text not null,
    record jsonb not null
) on commit drop;

create temporary table staged_rejects (
    reason text not null,
    raw text not null
) on commit drop;
