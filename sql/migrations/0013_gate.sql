-- What a decision was made on.

alter table pel.promotions add column figures jsonb not null default '{}';
comment on column pel.promotions.figures is
    'The figures behind the reason: films compared, MSE in log10 dollars, what the candidate gained, coverage of 80 % ranges.';
