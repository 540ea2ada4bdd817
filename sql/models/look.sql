-- Keep what a look found and what was decided. Parameters: kind, as_of, trains, reason, figures.
insert into pel.training_looks (kind, as_of, trains, reason, figures)
values (%(kind)s, %(as_of)s, %(trains)s, %(reason)s, %(figures)s)
