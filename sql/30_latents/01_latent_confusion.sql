-- behind_the_views.latent_confusion: What the measures of a latent are made of.
-- One row per run, score type, hookpoint and latent with a loaded score file.
-- Kept: yes
-- As everywhere: run_id, score_type, hookpoint, latent_idx
--   content_hash: SHA-256 of the score file: equal ones are copies
-- As everywhere: tp, fp, tn, fn, n_failed, n_failed_activating, n_examples, n_valid
--   n_activating: activating examples
--   n_correct_disagrees: examples whose stored correct is not (prediction = activating)
--   n_probability: examples with a probability
--   n_probability_activating: activating examples with a probability
--   half_pairs: pairs of an activating and another example that probability orders rightly, twice, and ties once
--   squared_error: sum of (probability - activating)^2
create view behind_the_views.latent_confusion as
select
    f.run_id,
    f.score_type,
    f.hookpoint,
    f.latent_idx,
    f.content_hash,
    c.tp,
    c.fp,
    c.tn,
    c.fn,
    c.n_failed,
    c.n_failed_activating,
    c.tp + c.fp + c.tn + c.fn + c.n_failed as n_examples,
    c.tp + c.fp + c.tn + c.fn as n_valid,
    c.tp + c.fn + c.n_failed_activating as n_activating,
    c.n_correct_disagrees,
    c.n_probability,
    c.n_probability_activating,
    c.half_pairs,
    c.squared_error
from main.current_files f
join main.count_facts c using (file_id)
where
    f.kind = 'score'
    and f.status = 'loaded'
    and f.is_used
    -- as in runs, which costs more to join than to repeat
    and (getvariable('selected_runs') is null or list_contains(getvariable('selected_runs'), f.run_id));
