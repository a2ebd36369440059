-- count_facts: What the measures of a latent are made of, counted once, in the load that wrote its examples.
-- One row per score file version.
-- As everywhere: file_id, tp, fp, tn, fn, n_failed, n_failed_activating
--   n_correct_disagrees: stored correct is not (prediction = activating)
--   n_probability: has a probability
--   n_probability_activating: has a probability, activating
--   half_pairs: over pairs of one activating and one other example: 2 where the activating one has the larger probability, 1 where equal
--   squared_error: sum of (probability - activating)^2, a decimal so that its order does not matter
create table if not exists count_facts (
    file_id bigint,
    tp bigint,
    fp bigint,
    tn bigint,
    fn bigint,
    n_failed bigint,
    n_failed_activating bigint,
    n_correct_disagrees bigint,
    n_probability bigint,
    n_probability_activating bigint,
    half_pairs bigint,
    squared_error decimal(38, 18)
);
