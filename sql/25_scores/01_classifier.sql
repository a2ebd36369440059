-- behind_the_views.example_probabilities: The probabilities that classifier scorers gave, for the area under the ROC curve.
-- One row per example.
-- Kept: no, since it has a row an example
-- As everywhere: file_id
--   is_positive: the label
--   score: the probability of activating; null where unknown
create view behind_the_views.example_probabilities as
select
    file_id,
    activating as is_positive,
    probability as score
from main.example_facts;

-- behind_the_views.example_counts: What the measures of classifier scorers are made of.
-- One row per score file version.
-- Kept: no, since the loader keeps it in count_facts
-- As everywhere: file_id, tp, fp, tn, fn, n_failed, n_failed_activating
--   n_correct_disagrees: stored correct is not (prediction = activating)
--   n_probability: has a probability
--   n_probability_activating: has a probability, activating
--   half_pairs: over pairs of one activating and one other example: 2 where the activating one has the larger probability, 1 where equal
--   squared_error: sum of (probability - activating)^2, a decimal so that its order does not matter
create view behind_the_views.example_counts as
select
    file_id,
    count(*) filter (prediction and activating) as tp,
    count(*) filter (prediction and not activating) as fp,
    count(*) filter (not prediction and not activating) as tn,
    count(*) filter (not prediction and activating) as fn,
    count(*) filter (prediction is null) as n_failed,
    count(*) filter (prediction is null and activating) as n_failed_activating,
    count(*) filter (correct <> (prediction = activating)) as n_correct_disagrees,
    count(probability) as n_probability,
    count(probability) filter (activating) as n_probability_activating,
    coalesce(any_value(half_pairs), 0) as half_pairs,
    coalesce(
        sum(cast((probability - cast(activating as integer)) ** 2 as decimal(38, 18))),
        0
    ) as squared_error
from main.example_facts
left join half_pairs_by_file('behind_the_views.example_probabilities') using (file_id)
group by file_id;
