-- How right the newest replay of each of these dates was, of any film and by what was known of its budget.
-- Parameter: dates.
select s.*
from replay_scoreboard s
join (
    select distinct on (as_of) as_of, code_version
    from replay_scoreboard
    where as_of = any(%(dates)s)
    order by as_of, made_at desc
) newest using (as_of, code_version)
order by s.as_of, s.budget
