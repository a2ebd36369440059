-- stage_stats: What each stage of a run took, from its stats and timing files.
-- One row per run and stage that has one of these.
-- Kept: yes, unless selected_score_types
-- As everywhere: run_id, run_name, run_label, model
--   stage: explainer or a score type; for wall time also scoring (all scorers together) and total
--   total_time_s: sum of the latencies of concurrent calls, seconds; not wall time
--   prompt_tokens: null where unknown
--   completion_tokens: null where unknown
--   n_calls: explainer: as its stats say; scorer: prompts that the loaded examples make; null where the config does not say how many a prompt holds
--   n_examples: of a scorer, as its stats say
--   wall_time_s: seconds on the clock; of explainer, scoring and total
create view stage_stats as
with stats as (
    select
        f.run_id,
        coalesce(f.score_type, 'explainer') as stage,
        f.score_type is null as is_explainer,
        -- a list in order, since a sum of floats has one
        case
            when count(s.total_time_s) = count(*) then list_sum(list(s.total_time_s order by s.key asc))
        end as total_time_s,
        nullif(sum_of_all(s.prompt_tokens), 0) as prompt_tokens,
        nullif(sum_of_all(s.completion_tokens), 0) as completion_tokens,
        sum_of_all(s.count) as n
    from current_files f
    join stats_facts s using (file_id)
    where f.kind = 'stats' and f.status = 'loaded'
    group by
        f.run_id,
        f.score_type
),
prompts as (
    select
        c.run_id,
        c.score_type as stage,
        sum((c.n_examples - 1) // r.num_examples_per_scorer_prompt + 1) as n_prompts
    from behind_the_views.latent_confusion c
    join runs r using (run_id)
    group by
        c.run_id,
        c.score_type
),
-- a stage may stand in both timing files: of scoring, scoring_timing.json knows; of the rest, the newer file
times as (
    select
        f.run_id,
        t.stage,
        t.wall_time_s
    from current_files f
    join timing_facts t using (file_id)
    where f.kind = 'timing' and f.status = 'loaded'
    qualify row_number() over (
        partition by f.run_id, t.stage
        order by
            t.stage = 'scoring' and ends_with(f.path, 'scoring_timing.json') desc,
            f.mtime_ns desc,
            f.file_id desc
    ) = 1
),
stages as (
    select
        coalesce(s.run_id, t.run_id) as run_id,
        coalesce(s.stage, t.stage) as stage,
        s.is_explainer,
        s.total_time_s,
        s.prompt_tokens,
        s.completion_tokens,
        s.n,
        t.wall_time_s
    from stats s
    full join times t on t.run_id = s.run_id and t.stage = s.stage
)
select
    s.run_id,
    r.run_name,
    r.run_label,
    r.model,
    s.stage,
    s.total_time_s,
    cast(s.prompt_tokens as bigint) as prompt_tokens,
    cast(s.completion_tokens as bigint) as completion_tokens,
    cast(case when s.is_explainer then s.n else p.n_prompts end as bigint) as n_calls,
    cast(case when not s.is_explainer then s.n end as bigint) as n_examples,
    s.wall_time_s
from stages s
join runs r using (run_id)
left join prompts p using (run_id, stage);
