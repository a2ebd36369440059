-- behind_the_views.quality_counts: How many of a run's files, examples or latents are not what the measures take them for.
-- One row per run, score type (null where none applies) and kind of finding that occurs.
-- Kept: yes, unless selected_runs, selected_score_types
-- As everywhere: run_id
--   score_type: the scorer's directory name; null where the finding is of the whole run
--   kind: as in data_quality
--   n: how many
--   of_n: of how many
--   detail: which ones, where a number does not say it
create view behind_the_views.quality_counts as
with latents as materialized (
    from behind_the_views.latent_confusion
),
scored as materialized (
    select distinct
        run_id,
        hookpoint,
        latent_idx
    from latents
),
explained as materialized (
    select
        run_id,
        hookpoint,
        latent_idx,
        is_placeholder
    from main.explanations
    where is_used
),
settings as materialized (
    select
        run_id,
        subject_model,
        sparse_model,
        try_cast(config ->> '$.constructor_cfg.n_non_activating' as bigint) as n_non_activating,
        try_cast(config -> '$.hookpoints' as varchar[]) as hookpoints
    from main.runs
),
copies as (
    select content_hash
    from latents
    where content_hash is not null
    group by content_hash
    having count(distinct run_id) > 1
),
hookpoints as (
    select
        run_id,
        list(distinct hookpoint order by hookpoint asc) as hookpoints
    from scored
    group by run_id
),
-- how much later than a score the config was written; a minute is what copying a run may take
configs as (
    select
        c.run_id,
        s.score_type,
        count(*) filter (c.mtime_ns > s.mtime_ns + 60000000000) as n,
        count(*) as of_n
    from main.current_files c
    join main.current_files s on s.run_id = c.run_id
    where c.kind = 'config' and c.status = 'loaded' and s.kind = 'score' and s.status = 'loaded'
    group by
        c.run_id,
        s.score_type
),
-- runs of one score type, hookpoint and, where the configs tell, subject and sparse model
peers as (
    select
        l.run_id,
        l.score_type,
        l.hookpoint,
        l.latent_idx,
        {'subject': s.subject_model, 'sparse': s.sparse_model} as models
    from latents l
    join settings s using (run_id)
),
own as (
    select
        run_id,
        score_type,
        hookpoint,
        models,
        count(*) as n_own
    from peers
    group by all
),
unions as (
    select
        score_type,
        hookpoint,
        models,
        count(distinct latent_idx) as n_all,
        count(*) as n_rows
    from peers
    group by all
),
judged as materialized (
    select
        l.run_id,
        l.score_type,
        j.judging,
        j.judged_by,
        j.scorer
    from (
        select distinct
            run_id,
            score_type
        from latents
    ) l
    join main.run_judging j using (run_id)
),
-- of each way of judging, the runs that were judged in another way, and in what they differ
judged_otherwise as (
    select
        a.score_type,
        a.judging,
        cast(sum(b.n_runs) as bigint) as n,
        list_sort(list_distinct(flatten(list(d.differs))), 'asc') as differs
    from (
        select distinct
            score_type,
            judging
        from judged
    ) a
    join behind_the_views.judging_differences d on d.judging_a = a.judging
    join (
        select
            score_type,
            judging,
            count(*) as n_runs
        from judged
        group by
            score_type,
            judging
    ) b on b.score_type = a.score_type and b.judging = d.judging_b
    group by
        a.score_type,
        a.judging
),
findings as (
    select
        run_id,
        score_type,
        'failed predictions' as kind,
        sum(n_failed) as n,
        sum(n_examples) as of_n,
        null as detail
    from latents
    group by
        run_id,
        score_type
    having sum(n_failed) > 0.05 * sum(n_examples)
    union all
    select
        run_id,
        score_type,
        'only activating examples' as kind,
        count(*) filter (n_activating = n_examples) as n,
        count(*) as of_n,
        null as detail
    from latents
    group by
        run_id,
        score_type
    union all
    select
        run_id,
        score_type,
        'no activating example' as kind,
        count(*) filter (n_activating = 0) as n,
        count(*) as of_n,
        null as detail
    from latents
    group by
        run_id,
        score_type
    union all
    select
        l.run_id,
        l.score_type,
        'fewer negatives than configured' as kind,
        count(*) filter (l.n_examples - l.n_activating < s.n_non_activating) as n,
        count(*) as of_n,
        'configured ' || any_value(s.n_non_activating) || ', found from '
        || min(l.n_examples - l.n_activating) || ' to ' || max(l.n_examples - l.n_activating) as detail
    from latents l
    join settings s using (run_id)
    where s.n_non_activating is not null
    group by
        l.run_id,
        l.score_type
    union all
    select
        run_id,
        score_type,
        'config newer than scores' as kind,
        n,
        of_n,
        null as detail
    from configs
    union all
    select
        run_id,
        score_type,
        'copies of another run' as kind,
        count(*) filter (content_hash in (select content_hash from copies)) as n,
        count(*) as of_n,
        null as detail
    from latents
    group by
        run_id,
        score_type
    union all
    select
        run_id,
        null as score_type,
        'placeholder explanations' as kind,
        count(*) filter (is_placeholder) as n,
        count(*) as of_n,
        null as detail
    from explained
    group by run_id
    union all
    select
        e.run_id,
        null as score_type,
        'explanations without scores' as kind,
        count(*) filter (s.run_id is null) as n,
        count(*) as of_n,
        null as detail
    from explained e
    left join scored s using (run_id, hookpoint, latent_idx)
    group by e.run_id
    union all
    select
        s.run_id,
        null as score_type,
        'scores without explanations' as kind,
        count(*) filter (e.run_id is null) as n,
        count(*) as of_n,
        null as detail
    from scored s
    left join explained e using (run_id, hookpoint, latent_idx)
    group by s.run_id
    union all
    select
        h.run_id,
        null as score_type,
        'hookpoints differ from config' as kind,
        len(list_filter(h.hookpoints, lambda x: not list_contains(s.hookpoints, x)))
        + len(list_filter(s.hookpoints, lambda x: not list_contains(h.hookpoints, x))) as n,
        len(list_distinct(list_concat(h.hookpoints, s.hookpoints))) as of_n,
        'config ' || array_to_string(s.hookpoints, ', ') || '; files ' || array_to_string(h.hookpoints, ', ')
            as detail
    from hookpoints h
    join settings s using (run_id)
    where s.hookpoints is not null
    union all
    select
        o.run_id,
        o.score_type,
        'latents of other runs missing' as kind,
        sum(u.n_all - o.n_own) as n,
        sum(u.n_all) as of_n,
        null as detail
    from own o
    join unions u
        on u.score_type = o.score_type
        and u.hookpoint = o.hookpoint
        and u.models is not distinct from o.models
    -- some latent is in two runs
    where u.n_rows > u.n_all
    group by
        o.run_id,
        o.score_type
    union all
    select
        j.run_id,
        j.score_type,
        'judged otherwise' as kind,
        o.n,
        count(*) over (partition by j.score_type) - 1 as of_n,
        'in ' || array_to_string(o.differs, ', ') as detail
    from judged j
    left join judged_otherwise o using (score_type, judging)
    union all
    select
        run_id,
        score_type,
        'judged by themselves' as kind,
        count(*) over (partition by score_type) as n,
        count(*) over (partition by score_type) as of_n,
        null as detail
    from judged
    qualify
        bool_and(judged_by = 'self') over (partition by score_type)
        and min(scorer) over (partition by score_type) < max(scorer) over (partition by score_type)
    union all
    select
        run_id,
        score_type,
        'stored correct disagrees' as kind,
        sum(n_correct_disagrees) as n,
        sum(n_examples) as of_n,
        null as detail
    from latents
    group by
        run_id,
        score_type
    union all
    select
        run_id,
        score_type,
        'files not used' as kind,
        count(*) filter (status = 'failed') as n,
        count(*) as of_n,
        null as detail
    from main.current_files
    where
        run_id is not null
        and kind in ('score', 'explanation', 'config', 'stats', 'timing')
        and status <> 'gone'
    group by
        run_id,
        score_type
)
select
    run_id,
    score_type,
    kind,
    cast(n as bigint) as n,
    cast(of_n as bigint) as of_n,
    detail
from findings
where n > 0;
