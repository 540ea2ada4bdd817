-- Rules of plausibility. sql/plausibility/rules.sql has what each rule looks for; here is why.

create table pel.plausibility_rules (
    rule text primary key,
    field text not null,
    reason text not null
);
comment on table pel.plausibility_rules is 'What makes a value suspicious, and why.';
comment on column pel.plausibility_rules.rule is 'Name of the rule.';
comment on column pel.plausibility_rules.field is 'The field that it judges.';
comment on column pel.plausibility_rules.reason is 'Why such a value is not believed.';

create table pel.suspicious_values (
    film_id bigint not null references pel.films on delete cascade,
    source text not null,
    field text not null,
    value numeric(15, 2) not null,
    rule text not null references pel.plausibility_rules,
    primary key (film_id, source, field, value, rule)
);
comment on table pel.suspicious_values is
    'Values that count as unknown, with the rule that caught them. A line in the corrections file overrules it.';
comment on column pel.suspicious_values.film_id is 'The film.';
comment on column pel.suspicious_values.source is 'Who said it.';
comment on column pel.suspicious_values.field is 'budget or box_office.';
comment on column pel.suspicious_values.value is 'The value, in US dollars.';
comment on column pel.suspicious_values.rule is 'The rule.';

create view pel.plausible_budgets as
select b.film_id, b.source, b.dollars, coalesce(t.rank, d.rank, 1000) as rank
from pel.budgets b
left join pel.trust t on t.field = 'budget' and t.source = b.source
left join pel.trust d on d.field = '*' and d.source = b.source
where not exists (
    select
    from pel.suspicious_values s
    where s.film_id = b.film_id and s.source = b.source and s.field = 'budget' and s.value = b.dollars
);
comment on view pel.plausible_budgets is 'Budgets that no rule of plausibility caught.';
comment on column pel.plausible_budgets.film_id is 'The film.';
comment on column pel.plausible_budgets.source is 'Who said it.';
comment on column pel.plausible_budgets.dollars is 'Budget in US dollars, not adjusted for inflation.';
comment on column pel.plausible_budgets.rank is 'Rank of the source in the order of trust; 1 is believed first.';

create view pel.plausible_box_office as
with believed as not materialized (
    select b.*
    from pel.box_office b
    where not exists (
        select
        from pel.suspicious_values s
        where s.film_id = b.film_id and s.source = b.source and s.field = 'box_office' and s.value = b.dollars
    )
)
select b.film_id, b.source, b.known_on, b.dollars, b.observed_on, coalesce(t.rank, d.rank, 1000) as rank
from believed b
left join pel.trust t on t.field = 'box_office' and t.source = b.source
left join pel.trust d on d.field = '*' and d.source = b.source
where b.observed_on is not null
   or not exists (
       select from believed o where o.film_id = b.film_id and o.observed_on is not null and o.known_on <= b.known_on
   );
comment on view pel.plausible_box_office is
    'Box office that no rule of plausibility caught; a figure without a day of observation only until there is one with. In force at a date is the newest, of one day the most trusted.';
comment on column pel.plausible_box_office.film_id is 'The film.';
comment on column pel.plausible_box_office.source is 'Who observed it.';
comment on column pel.plausible_box_office.known_on is 'Day from which the figure may be used.';
comment on column pel.plausible_box_office.dollars is 'Box office in US dollars, not adjusted for inflation.';
comment on column pel.plausible_box_office.observed_on is 'Day of observation as the source gives it.';
comment on column pel.plausible_box_office.rank is 'Rank of the source in the order of trust; 1 is believed first.';

create view pel.plausible_ratings as
select r.film_id, r.source, r.known_on, r.rating, r.votes, r.observed_on, coalesce(t.rank, d.rank, 1000) as rank
from pel.ratings r
left join pel.trust t on t.field = 'rating' and t.source = r.source
left join pel.trust d on d.field = '*' and d.source = r.source
where not (r.observed_on is null and exists (
    select
    from pel.ratings o
    where o.film_id = r.film_id and o.observed_on is not null and o.known_on <= r.known_on
));
comment on view pel.plausible_ratings is
    'Ratings; one without a day of observation only until there is one with. In force at a date is the newest, of one day the most trusted.';
comment on column pel.plausible_ratings.film_id is 'The film.';
comment on column pel.plausible_ratings.source is 'Who observed it.';
comment on column pel.plausible_ratings.known_on is 'Day from which the figure may be used.';
comment on column pel.plausible_ratings.rating is 'Mean rating, 0 to 10.';
comment on column pel.plausible_ratings.votes is 'How many rated; null where the source does not say.';
comment on column pel.plausible_ratings.observed_on is 'Day of observation as the source gives it.';
comment on column pel.plausible_ratings.rank is 'Rank of the source in the order of trust; 1 is believed first.';

insert into pel.plausibility_rules (rule, field, reason) values
    ('budget_under_1000_dollars', 'budget',
     'Someone wrote 12 for 12 million, or for 12 of some other coin: no film has cost that little.'),
    ('box_office_under_1000_dollars', 'box_office',
     'Someone wrote 12 for 12 million, or counted tickets: not what a film made in dollars.'),
    ('box_office_is_a_share_of_the_budget', 'box_office',
     'The same share of the budget for many films: filled in by a formula, not observed.'),
    ('box_office_is_of_another_film', 'box_office',
     'An earlier film made this to the dollar: a DVD extra, a concert recording or a remake that was given its figure.'),
    ('box_office_before_release', 'box_office',
     'Observed before the film was out: of another film, or of previews.'),
    ('budget_corrected', 'budget', 'The corrections file has another word on it.'),
    ('box_office_corrected', 'box_office', 'The corrections file has another word on it.');
