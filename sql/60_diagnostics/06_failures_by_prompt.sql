-- failures_by_prompt: Which prompts of a scorer failed: a ragged tail, shorter than the rest, nearly always does.
-- One row per run, score type, place of the prompt and whether it is a ragged tail; none where the prompt size is unknown.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   prompt_idx: place in the score file, from 0
--   is_ragged_tail: the prompt is the file's last and holds fewer examples than the config says
--   n_prompts: prompts, one a latent
--   n_failed_prompts: prompts without a single prediction
--   n_partly_failed_prompts: prompts with some predictions and some failures
--   n_examples: their examples
-- As everywhere: n_failed
--   failed_share: n_failed / n_examples
create view failures_by_prompt as
with files as materialized (
    select
        f.file_id,
        f.scorer,
        f.run_id,
        f.score_type,
        r.run_name,
        r.run_label,
        r.model,
        cast(least(r.num_examples_per_scorer_prompt, 2147483647) as integer) as prompt_size
    from behind_the_views.score_files f
    join runs r using (run_id)
    where r.num_examples_per_scorer_prompt is not null
),
prompts as (
    select
        e.file_id,
        e.example_idx // f.prompt_size as prompt_idx,
        any_value(f.scorer) as scorer,
        count(*) < any_value(f.prompt_size) as is_ragged_tail,
        count(*) as n_examples,
        count(*) - count(e.prediction) as n_failed
    from example_facts e
    join files f using (file_id)
    group by
        e.file_id,
        e.example_idx // f.prompt_size
),
places as (
    select
        scorer,
        prompt_idx,
        is_ragged_tail,
        count(*) as n_prompts,
        count(*) filter (n_failed = n_examples) as n_failed_prompts,
        count(*) filter (n_failed > 0 and n_failed < n_examples) as n_partly_failed_prompts,
        cast(sum(n_examples) as bigint) as n_examples,
        cast(sum(n_failed) as bigint) as n_failed
    from prompts
    group by
        scorer,
        prompt_idx,
        is_ragged_tail
)
select
    f.run_id,
    f.run_name,
    f.run_label,
    f.model,
    f.score_type,
    p.prompt_idx,
    p.is_ragged_tail,
    p.n_prompts,
    p.n_failed_prompts,
    p.n_partly_failed_prompts,
    p.n_examples,
    p.n_failed,
    cast(p.n_failed as double) / p.n_examples as failed_share
from places p
join files f on f.file_id = p.scorer;
