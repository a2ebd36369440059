-- failure_summary: How many failures lie in ragged tails, which say nothing of the model, and how many elsewhere.
-- One row per run and score type whose config says how many examples a prompt holds.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type, n_examples, n_failed
--   n_failed_in_ragged_tails: of these, in a file's last prompt, shorter than the rest
--   n_failed_elsewhere: the others
--   n_prompts: prompts
--   n_failed_prompts: prompts without a single prediction
--   n_partly_failed_prompts: prompts with some predictions and some failures
--   n_ragged_tails: prompts that are a ragged tail
--   n_failed_ragged_tails: of these, without a single prediction
create view failure_summary as
select
    run_id,
    any_value(run_name) as run_name,
    any_value(run_label) as run_label,
    any_value(model) as model,
    score_type,
    cast(sum(n_examples) as bigint) as n_examples,
    cast(sum(n_failed) as bigint) as n_failed,
    cast(coalesce(sum(n_failed) filter (is_ragged_tail), 0) as bigint) as n_failed_in_ragged_tails,
    cast(coalesce(sum(n_failed) filter (not is_ragged_tail), 0) as bigint) as n_failed_elsewhere,
    cast(sum(n_prompts) as bigint) as n_prompts,
    cast(sum(n_failed_prompts) as bigint) as n_failed_prompts,
    cast(sum(n_partly_failed_prompts) as bigint) as n_partly_failed_prompts,
    cast(coalesce(sum(n_prompts) filter (is_ragged_tail), 0) as bigint) as n_ragged_tails,
    cast(coalesce(sum(n_failed_prompts) filter (is_ragged_tail), 0) as bigint) as n_failed_ragged_tails
from failures_by_prompt
group by
    run_id,
    score_type;
