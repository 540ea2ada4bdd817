-- Keep answers, once each. Parameter: answers, JSON records whose keys are columns of pel.scenario_predictions; others
-- are left out.
insert into pel.scenario_predictions
select a.*
from jsonb_array_elements(%(answers)s) as answer (record)
cross join lateral jsonb_populate_record(
    null::pel.scenario_predictions, answer.record || jsonb_build_object('created_at', now())
) a
on conflict do nothing
returning error is null as is_predicted
