-- token_usage: Tokens and seconds of each stage, in total, a call, a latent and an example.
-- One row per run and stage with a stats file.
-- Kept: yes, unless selected_score_types
-- As everywhere: run_id, run_name, run_label, model
--   stage: explainer or a score type
--   prompt_tokens: tokens sent; null where unknown
--   completion_tokens: tokens received; null where unknown
--   total_tokens: both; null where either is unknown
--   n_calls: calls of the model; null where unknown
--   n_latents: explainer: calls, one a latent; scorer: latents with a score file
--   n_examples: examples that a scorer judged
--   total_time_s: sum of the latencies of concurrent calls, seconds
--   tokens_per_call: total_tokens / n_calls
--   seconds_per_call: total_time_s / n_calls
--   tokens_per_latent: total_tokens / n_latents
--   tokens_per_example: total_tokens / n_examples
--   seconds_per_example: total_time_s / n_examples
create view token_usage as
with latents as (
    select
        run_id,
        score_type as stage,
        count(*) as n_latents
    from behind_the_views.latent_confusion
    group by
        run_id,
        score_type
),
usage as (
    select
        s.*,
        s.prompt_tokens + s.completion_tokens as total_tokens,
        case
            when s.stage = 'explainer' then s.n_calls
            -- what was used at some hookpoints alone, nobody knows
            when getvariable('selected_hookpoints') is null then l.n_latents
        end as n_latents
    from stage_stats s
    left join latents l using (run_id, stage)
    where
        s.total_time_s is not null
        or s.prompt_tokens is not null
        or s.completion_tokens is not null
        or s.n_calls is not null
        or s.n_examples is not null
)
select
    run_id,
    run_name,
    run_label,
    model,
    stage,
    prompt_tokens,
    completion_tokens,
    total_tokens,
    n_calls,
    n_latents,
    n_examples,
    total_time_s,
    cast(total_tokens as double) / nullif(n_calls, 0) as tokens_per_call,
    total_time_s / nullif(n_calls, 0) as seconds_per_call,
    cast(total_tokens as double) / nullif(n_latents, 0) as tokens_per_latent,
    cast(total_tokens as double) / nullif(n_examples, 0) as tokens_per_example,
    total_time_s / nullif(n_examples, 0) as seconds_per_example
from usage;
