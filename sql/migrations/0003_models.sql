-- Models, the decisions about them, and what they predict.

create table pel.model_versions (
    model_version text primary key,
    kind text not null,
    as_of date not null,
    pretrained_version text references pel.model_versions,
    code_version text not null,
    data_sha256 text not null,
    parameters jsonb not null,
    metrics jsonb not null,
    artifact_url text not null,
    artifact_sha256 text not null,
    created_at timestamptz not null default now(),
    constraint kind_is_known check (kind in ('pretrained', 'finetuned')),
    constraint finetuned_models_name_their_pretrained check ((kind = 'finetuned') = (pretrained_version is not null))
);
comment on table pel.model_versions is 'Every model that was fitted, with its lineage and its figures.';
comment on column pel.model_versions.model_version is
    'Name of the version: kind, as_of, and the start of a hash over data, code and parameters. Equal inputs give the same name.';
comment on column pel.model_versions.kind is 'pretrained (on ratings) or finetuned (on box office).';
comment on column pel.model_versions.as_of is 'Date from which the fit looked; nothing known later entered.';
comment on column pel.model_versions.pretrained_version is 'The pre-trained model that a fine-tuned one started from.';
comment on column pel.model_versions.code_version is 'SHA-256 over the code that features and fit depend on.';
comment on column pel.model_versions.data_sha256 is 'SHA-256 of the rows it was fitted on.';
comment on column pel.model_versions.parameters is 'Parameters of the fit.';
comment on column pel.model_versions.metrics is
    'Figures as JSON. For a fine-tuned model: held_out (window, films, and r2, mse, mae in log10 dollars by predictor) and weights.';
comment on column pel.model_versions.artifact_url is 'Folder of the model''s files.';
comment on column pel.model_versions.artifact_sha256 is
    'SHA-256 of the list of these files with their hashes; a model that differs is not loaded.';
comment on column pel.model_versions.created_at is 'When it was registered.';

create table pel.promotions (
    promotion_id bigint generated always as identity primary key,
    as_of date not null,
    model_version text not null references pel.model_versions,
    champion_version text references pel.model_versions,
    promoted boolean not null,
    reason text not null,
    decided_at timestamptz not null default now()
);
-- the champion of a date
create index promotions_in_order on pel.promotions (as_of desc, promotion_id desc) where promoted;
comment on table pel.promotions is
    'Decisions which model is the champion. The champion of a date is the newest promotion with as_of up to that date.';
comment on column pel.promotions.promotion_id is 'Number of the decision, in order.';
comment on column pel.promotions.as_of is 'Date for which it was decided.';
comment on column pel.promotions.model_version is 'The candidate.';
comment on column pel.promotions.champion_version is 'The champion until then; null if there was none.';
comment on column pel.promotions.promoted is 'Whether the candidate became champion.';
comment on column pel.promotions.reason is 'Why, with the figures.';
comment on column pel.promotions.decided_at is 'When it was decided.';

create table pel.predictions (
    film_id bigint not null references pel.films,
    as_of date not null,
    model_version text not null references pel.model_versions,
    release_date date not null,
    release_precision text not null,
    log10_dollars double precision not null,
    dollars numeric(15, 0) not null generated always as (round(power(10::numeric, log10_dollars::numeric))) stored,
    created_at timestamptz not null default now(),
    primary key (as_of, model_version, film_id)
);
create index predictions_of_film on pel.predictions (film_id, as_of);
comment on table pel.predictions is
    'Predicted box office, once per film, as_of and model version. Rows are added and never changed.';
comment on column pel.predictions.film_id is 'The film.';
comment on column pel.predictions.as_of is 'Date from which the prediction looks.';
comment on column pel.predictions.model_version is 'The model that made it.';
comment on column pel.predictions.release_date is 'Release date as it was known then.';
comment on column pel.predictions.release_precision is 'What of release_date was known then: day, month or year.';
comment on column pel.predictions.log10_dollars is 'Predicted box office, log10 of US dollars.';
comment on column pel.predictions.dollars is 'Predicted box office in US dollars (the median, as it is predicted in log10).';
comment on column pel.predictions.created_at is 'When it was made.';

create table pel.publications (
    publication_id bigint generated always as identity primary key,
    as_of date not null,
    model_version text not null references pel.model_versions,
    films integer not null,
    published_at timestamptz not null default now()
);
create index publications_in_order on pel.publications (as_of desc, publication_id desc);
comment on table pel.publications is
    'Which predictions users see: those of the newest publication. The predictions and their publication are one transaction.';
comment on column pel.publications.publication_id is 'Number of the publication, in order.';
comment on column pel.publications.as_of is 'The as_of whose predictions are shown.';
comment on column pel.publications.model_version is 'The model whose predictions are shown.';
comment on column pel.publications.films is 'Films with a prediction when it was published.';
comment on column pel.publications.published_at is 'When it was published.';

-- Predictions are a record of what was said; nobody rewrites it, whatever their role.
create function pel.refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception 'predictions are append-only: % refused', tg_op
        using hint = 'Publish again with another as_of or model version.';
end
$$;
create trigger predictions_are_append_only
    before update or delete or truncate on pel.predictions
    for each statement execute function pel.refuse_rewriting();
