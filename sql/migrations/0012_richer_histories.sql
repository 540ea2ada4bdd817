-- Budgets, returns and sums in the histories of people, collections and companies.

-- computed from the facts; the next refresh fills them again
truncate pel.film_attributes, pel.film_events;
alter table pel.film_events
    add column budgets integer not null default 0,
    add column micro_budget integer not null default 0,
    add column returns integer not null default 0,
    add column micro_return integer not null default 0,
    add column dollars bigint not null default 0;
comment on column pel.film_events.budgets is '1 on the day after the release of a film with a budget, else 0.';
comment on column pel.film_events.micro_budget is 'The budget that day, else 0: millionths of log10 dollars.';
comment on column pel.film_events.returns is
    '1 when the first box office of a film with a budget becomes known, else 0.';
comment on column pel.film_events.micro_return is
    'What the figure of the day adds to the return known before, box office over budget: millionths of its log10; 0 without a budget.';
comment on column pel.film_events.dollars is 'What the figure of the day adds to the one before: dollars.';

alter table pel.film_attributes
    add column director_budget double precision,
    add column director_return double precision,
    add column director_total double precision,
    add column director_best double precision,
    add column director_days double precision,
    add column cast_budget double precision,
    add column cast_return double precision,
    add column cast_total double precision,
    add column cast_best double precision,
    add column cast_days double precision,
    add column collection_budget double precision,
    add column collection_return double precision,
    add column collection_total double precision,
    add column collection_best double precision,
    add column collection_days double precision,
    add column company_budget double precision,
    add column company_return double precision,
    add column company_total double precision,
    add column company_best double precision,
    add column company_days double precision;
comment on column pel.film_attributes.director_budget is
    'Mean log10 dollars of the budgets of the directors'' earlier films; null without any.';
comment on column pel.film_attributes.director_return is
    'Mean log10 of box office over budget of the directors'' earlier films of which both were known; null without any.';
comment on column pel.film_attributes.director_total is
    'log10 of the dollars that the directors'' earlier films made in sum; null without any whose box office was known.';
comment on column pel.film_attributes.director_best is
    'Mean log10 dollars of the earlier films of the director with the highest, each drawn towards 6.8 as if by two more films; null if none had an earlier film.';
comment on column pel.film_attributes.director_days is
    'Days from the release of the last of the directors'' earlier films to known_at; null without any.';
comment on column pel.film_attributes.cast_budget is
    'Mean log10 dollars of the budgets of the cast''s earlier films; null without any.';
comment on column pel.film_attributes.cast_return is
    'Mean log10 of box office over budget of the cast''s earlier films of which both were known; null without any.';
comment on column pel.film_attributes.cast_total is
    'log10 of the dollars that the cast''s earlier films made in sum; null without any whose box office was known.';
comment on column pel.film_attributes.cast_best is
    'Mean log10 dollars of the earlier films of the person with the highest, each drawn towards 6.8 as if by two more films; null if none had an earlier film.';
comment on column pel.film_attributes.cast_days is
    'Days from the release of the last of the cast''s earlier films to known_at; null without any.';
comment on column pel.film_attributes.collection_budget is
    'Mean log10 dollars of the budgets of the collection''s earlier films; null without any.';
comment on column pel.film_attributes.collection_return is
    'Mean log10 of box office over budget of the collection''s earlier films of which both were known; null without any.';
comment on column pel.film_attributes.collection_total is
    'log10 of the dollars that the collection''s earlier films made in sum; null without any whose box office was known.';
comment on column pel.film_attributes.collection_best is
    'Mean log10 dollars of the earlier films of the collection with the highest, each drawn towards 6.8 as if by two more films; null if it had an earlier film.';
comment on column pel.film_attributes.collection_days is
    'Days from the release of the last of the collection''s earlier films to known_at; null without any.';
comment on column pel.film_attributes.company_budget is
    'Mean log10 dollars of the budgets of the companies'' earlier films; null without any.';
comment on column pel.film_attributes.company_return is
    'Mean log10 of box office over budget of the companies'' earlier films of which both were known; null without any.';
comment on column pel.film_attributes.company_total is
    'log10 of the dollars that the companies'' earlier films made in sum; null without any whose box office was known.';
comment on column pel.film_attributes.company_best is
    'Mean log10 dollars of the earlier films of the company with the highest, each drawn towards 6.8 as if by two more films; null if none had an earlier film.';
comment on column pel.film_attributes.company_days is
    'Days from the release of the last of the companies'' earlier films to known_at; null without any.';
