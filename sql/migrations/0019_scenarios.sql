-- Scenarios: what a film would be forecast to make if it were another one. Users ask by inserting a row; the pipeline
-- answers with a row of its own, so that neither has to change what the other wrote.

create table pel.scenarios (
    scenario_id bigint generated always as identity primary key,
    film_id bigint,
    title text,
    release_date date,
    budget numeric(15, 2),
    directors text[],
    cast_members text[],
    genres text[],
    companies text[],
    collection text,
    as_of date,
    created_by text not null default current_user,
    created_at timestamptz not null default now()
);
comment on table pel.scenarios is
    'What if? One row per question; insert one, or a whole sweep with insert ... select. What is null is as the film has it. Answers are in scenario_predictions, some minutes later.';
comment on column pel.scenarios.scenario_id is 'Number of the scenario.';
comment on column pel.scenarios.film_id is
    'An upcoming film, by its number in upcoming_predictions; null for a film that does not exist yet, which needs a release_date.';
comment on column pel.scenarios.title is 'A name for the scenario; nothing is forecast from it.';
comment on column pel.scenarios.release_date is
    'The day of release, after as_of and within a year of it. The film''s own release_date changes nothing, also where only its month or year is known.';
comment on column pel.scenarios.budget is 'Budget in US dollars, 1000 or more.';
comment on column pel.scenarios.directors is
    'All directors by name. An empty list: newcomers alone. See cast_members.';
comment on column pel.scenarios.cast_members is
    'The whole cast by name, first billed first. Of several people of one name it is the one who is in the film already, else the one with the most credits. A name that is not in the catalogue is a newcomer, and named in scenario_predictions.newcomers; a list with no known name is refused, for it is likelier a slip. An empty list: newcomers alone.';
comment on column pel.scenarios.genres is 'All genres by name; an empty list: none.';
comment on column pel.scenarios.companies is 'All production companies by name, as with cast_members.';
comment on column pel.scenarios.collection is 'The series by name; an empty text: none.';
comment on column pel.scenarios.as_of is 'A published date from which to look; the newest, if null.';
comment on column pel.scenarios.created_by is 'Role that asked.';
comment on column pel.scenarios.created_at is 'When it was asked.';

-- What users see and insert into: a view of the table, as everything that is public.
create view public.scenarios as
select
    scenario_id, film_id, title, release_date, budget, directors, cast_members, genres, companies, collection, as_of,
    created_by, created_at
from pel.scenarios;
comment on view public.scenarios is
    'What if? One row per question; insert one, or a whole sweep with insert ... select. What is null is as the film has it. Answers are in scenario_predictions, some minutes later.';
comment on column public.scenarios.scenario_id is 'Number of the scenario.';
comment on column public.scenarios.film_id is
    'An upcoming film, by its number in upcoming_predictions; null for a film that does not exist yet, which needs a release_date.';
comment on column public.scenarios.title is 'A name for the scenario; nothing is forecast from it.';
comment on column public.scenarios.release_date is
    'The day of release, after as_of and within a year of it. The film''s own release_date changes nothing, also where only its month or year is known.';
comment on column public.scenarios.budget is 'Budget in US dollars, 1000 or more.';
comment on column public.scenarios.directors is
    'All directors by name. An empty list: newcomers alone. See cast_members.';
comment on column public.scenarios.cast_members is
    'The whole cast by name, first billed first. Of several people of one name it is the one who is in the film already, else the one with the most credits. A name that is not in the catalogue is a newcomer, and named in scenario_predictions.newcomers; a list with no known name is refused, for it is likelier a slip. An empty list: newcomers alone.';
comment on column public.scenarios.genres is 'All genres by name; an empty list: none.';
comment on column public.scenarios.companies is 'All production companies by name, as with cast_members.';
comment on column public.scenarios.collection is 'The series by name; an empty text: none.';
comment on column public.scenarios.as_of is 'A published date from which to look; the newest, if null.';
comment on column public.scenarios.created_by is 'Role that asked.';
comment on column public.scenarios.created_at is 'When it was asked.';

-- Columns as in pel.predictions.
create table pel.scenario_predictions (
    scenario_id bigint primary key references pel.scenarios,
    as_of date,
    model_version text references pel.model_versions,
    release_date date,
    release_precision text,
    log10_dollars double precision,
    low_50 double precision,
    high_50 double precision,
    low_80 double precision,
    high_80 double precision,
    low_95 double precision,
    high_95 double precision,
    passes_10m double precision,
    passes_50m double precision,
    passes_100m double precision,
    passes_500m double precision,
    passes_budget double precision,
    base_log10_dollars double precision,
    newcomers text[],
    error text,
    created_at timestamptz not null,
    constraint there_is_a_prediction_or_an_error check ((log10_dollars is null) = (error is not null))
);
comment on table pel.scenario_predictions is
    'The answer to each scenario: a prediction, or why there is none. Rows are added and never changed.';
comment on column pel.scenario_predictions.scenario_id is 'The scenario.';
comment on column pel.scenario_predictions.as_of is 'Date from which the prediction looks.';
comment on column pel.scenario_predictions.model_version is 'The model that made it: the one whose predictions were shown for as_of.';
comment on column pel.scenario_predictions.release_date is 'Release date in the scenario.';
comment on column pel.scenario_predictions.release_precision is 'What of release_date is known: day, month or year.';
comment on column pel.scenario_predictions.log10_dollars is 'Predicted box office, log10 of US dollars.';
comment on column pel.scenario_predictions.low_50 is 'Lower end of the range that holds 50 % of films, log10 of US dollars.';
comment on column pel.scenario_predictions.high_50 is 'Upper end of the range that holds 50 % of films, log10 of US dollars.';
comment on column pel.scenario_predictions.low_80 is 'Lower end of the range that holds 80 % of films, log10 of US dollars.';
comment on column pel.scenario_predictions.high_80 is 'Upper end of the range that holds 80 % of films, log10 of US dollars.';
comment on column pel.scenario_predictions.low_95 is 'Lower end of the range that holds 95 % of films, log10 of US dollars.';
comment on column pel.scenario_predictions.high_95 is 'Upper end of the range that holds 95 % of films, log10 of US dollars.';
comment on column pel.scenario_predictions.passes_10m is 'Probability that the film makes more than $10 million.';
comment on column pel.scenario_predictions.passes_50m is 'Probability that the film makes more than $50 million.';
comment on column pel.scenario_predictions.passes_100m is 'Probability that the film makes more than $100 million.';
comment on column pel.scenario_predictions.passes_500m is 'Probability that the film makes more than $500 million.';
comment on column pel.scenario_predictions.passes_budget is 'Probability that the film makes more than its budget in the scenario; null if that is not known.';
comment on column pel.scenario_predictions.base_log10_dollars is
    'The film as it is, by the same model from the same facts, log10 of US dollars; null for a film that has no forecast of its own.';
comment on column pel.scenario_predictions.newcomers is 'Names of people and companies that are not in the catalogue.';
comment on column pel.scenario_predictions.error is 'Why there is no prediction; null if there is one.';
comment on column pel.scenario_predictions.created_at is 'When it was made.';
create trigger predictions_are_append_only
    before update or delete or truncate on pel.scenario_predictions
    for each statement execute function pel.refuse_rewriting();

-- names are looked up as they are compared
create index people_by_name on pel.people (pel.comparable(name));
create index companies_by_name on pel.companies (pel.comparable(name));
create index collections_by_name on pel.collections (pel.comparable(name));

create view public.scenario_predictions as
select
    s.scenario_id,
    s.film_id,
    coalesce(s.title, f.title) as title,
    s.release_date,
    s.budget,
    s.directors,
    s.cast_members,
    s.genres,
    s.companies,
    s.collection,
    round(power(10::numeric, p.log10_dollars::numeric)) as predicted_dollars,
    round(power(10::numeric, p.base_log10_dollars::numeric)) as base_dollars,
    10 ^ (p.log10_dollars - p.base_log10_dollars) as factor,
    p.error,
    p.newcomers,
    p.log10_dollars as predicted_log10_dollars,
    p.base_log10_dollars,
    round((10 ^ p.low_50)::numeric) as low_50_dollars,
    round((10 ^ p.high_50)::numeric) as high_50_dollars,
    round((10 ^ p.low_80)::numeric) as low_80_dollars,
    round((10 ^ p.high_80)::numeric) as high_80_dollars,
    round((10 ^ p.low_95)::numeric) as low_95_dollars,
    round((10 ^ p.high_95)::numeric) as high_95_dollars,
    p.passes_10m,
    p.passes_50m,
    p.passes_100m,
    p.passes_500m,
    p.passes_budget,
    coalesce(p.as_of, s.as_of) as as_of,
    p.model_version,
    s.created_by,
    s.created_at,
    p.created_at as scored_at
from pel.scenarios s
left join pel.films f using (film_id)
left join pel.scenario_predictions p using (scenario_id);
comment on view public.scenario_predictions is
    'Every scenario with its prediction beside the film''s own, or with the error that kept it from one. scored_at is null while it waits.';
comment on column public.scenario_predictions.scenario_id is 'Number of the scenario.';
comment on column public.scenario_predictions.film_id is 'Number of the film; null for one that does not exist yet.';
comment on column public.scenario_predictions.title is 'Title of the scenario or, if it has none, of the film.';
comment on column public.scenario_predictions.release_date is 'Day of release in the scenario; null if it is the film''s own, as in all columns of what was asked.';
comment on column public.scenario_predictions.budget is 'Budget in the scenario, US dollars.';
comment on column public.scenario_predictions.directors is 'Directors in the scenario.';
comment on column public.scenario_predictions.cast_members is 'Cast in the scenario.';
comment on column public.scenario_predictions.genres is 'Genres in the scenario.';
comment on column public.scenario_predictions.companies is 'Production companies in the scenario.';
comment on column public.scenario_predictions.collection is 'Series in the scenario.';
comment on column public.scenario_predictions.predicted_dollars is 'Predicted box office in US dollars.';
comment on column public.scenario_predictions.base_dollars is
    'Predicted box office of the film as it is, by the same model from the same facts, in US dollars; null for a film that has no forecast of its own.';
comment on column public.scenario_predictions.factor is 'Predicted box office over that of the film as it is: 1.1 is a tenth more.';
comment on column public.scenario_predictions.error is 'Why there is no prediction; null if there is one, or none yet.';
comment on column public.scenario_predictions.newcomers is
    'Names that are not in the catalogue and counted as newcomers; look here for slips of the pen.';
comment on column public.scenario_predictions.predicted_log10_dollars is 'Predicted box office, log10 of US dollars.';
comment on column public.scenario_predictions.base_log10_dollars is 'Predicted box office of the film as it is, log10 of US dollars.';
comment on column public.scenario_predictions.low_50_dollars is 'Lower end of the range that holds 50 % of films, in US dollars.';
comment on column public.scenario_predictions.high_50_dollars is 'Upper end of the range that holds 50 % of films, in US dollars.';
comment on column public.scenario_predictions.low_80_dollars is 'Lower end of the range that holds 80 % of films, in US dollars.';
comment on column public.scenario_predictions.high_80_dollars is 'Upper end of the range that holds 80 % of films, in US dollars.';
comment on column public.scenario_predictions.low_95_dollars is 'Lower end of the range that holds 95 % of films, in US dollars.';
comment on column public.scenario_predictions.high_95_dollars is 'Upper end of the range that holds 95 % of films, in US dollars.';
comment on column public.scenario_predictions.passes_10m is 'Probability that the film makes more than $10 million.';
comment on column public.scenario_predictions.passes_50m is 'Probability that the film makes more than $50 million.';
comment on column public.scenario_predictions.passes_100m is 'Probability that the film makes more than $100 million.';
comment on column public.scenario_predictions.passes_500m is 'Probability that the film makes more than $500 million.';
comment on column public.scenario_predictions.passes_budget is 'Probability that the film makes more than its budget in the scenario; null if that is not known.';
comment on column public.scenario_predictions.as_of is 'Date from which the prediction looks; nothing known later entered.';
comment on column public.scenario_predictions.model_version is 'The model that made the prediction.';
comment on column public.scenario_predictions.created_by is 'Role that asked.';
comment on column public.scenario_predictions.created_at is 'When it was asked.';
comment on column public.scenario_predictions.scored_at is 'When it was answered; null while it waits.';

grant select, insert on pel.scenario_predictions to pel_pipeline;
grant select on public.scenarios, public.scenario_predictions to pel_pipeline, pel_reader;
-- the planner reads what the reader reads: provisioning makes it a member
grant usage on schema public to pel_planner;
grant select, insert on pel.scenarios to pel_pipeline;
grant insert (film_id, title, release_date, budget, directors, cast_members, genres, companies, collection, as_of)
    on public.scenarios to pel_planner;
