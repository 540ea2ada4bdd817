-- What decisions were made on: whether to train, and whether a model takes the champion's place.

alter table pel.promotions add column figures jsonb not null default '{}';
comment on column pel.promotions.figures is
    'The figures behind the reason: films compared, MSE in log10 dollars, what the candidate gained, coverage of 80 % ranges.';

create table pel.training_looks (
    look_id bigint generated always as identity primary key,
    kind text not null,
    as_of date not null,
    trains boolean not null,
    reason text not null,
    figures jsonb not null,
    looked_at timestamptz not null default now(),
    constraint kind_is_known check (kind in ('pretrained', 'finetuned'))
);
comment on table pel.training_looks is 'Every look whether there is reason to train: what was found, what was decided, and why.';
comment on column pel.training_looks.look_id is 'Number of the look, in order.';
comment on column pel.training_looks.kind is 'What would be made: a pretrained model (on ratings) or a finetuned one (on box office).';
comment on column pel.training_looks.as_of is 'Date from which it looked.';
comment on column pel.training_looks.trains is 'Whether it was decided to train.';
comment on column pel.training_looks.reason is 'Why, or why not.';
comment on column pel.training_looks.figures is 'What was found, by name.';
comment on column pel.training_looks.looked_at is 'When.';

grant select, insert on pel.training_looks to pel_pipeline;
grant usage on all sequences in schema pel to pel_pipeline;
