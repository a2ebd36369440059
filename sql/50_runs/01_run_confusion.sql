-- run_confusion: What the measures of a run are made of, and how much of it failed.
-- One row per run and score type.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type, tp, fp, tn, fn, n_failed, n_failed_activating, n_examples, n_valid, n_activating, coverage
--   n_latents: latents with a score file
--   n_hookpoints: hookpoints they lie at
--   has_one_class: all examples with a prediction activate, or none does; null where there is none
create view run_confusion as
with sums as (
    select
        run_id,
        score_type,
        cast(sum(tp) as bigint) as tp,
        cast(sum(fp) as bigint) as fp,
        cast(sum(tn) as bigint) as tn,
        cast(sum(fn) as bigint) as fn,
        cast(sum(n_failed) as bigint) as n_failed,
        cast(sum(n_failed_activating) as bigint) as n_failed_activating,
        cast(sum(n_examples) as bigint) as n_examples,
        cast(sum(n_valid) as bigint) as n_valid,
        cast(sum(n_activating) as bigint) as n_activating,
        count(*) as n_latents,
        count(distinct hookpoint) as n_hookpoints
    from behind_the_views.latent_confusion
    group by
        run_id,
        score_type
)
select
    s.run_id,
    r.run_name,
    r.run_label,
    r.model,
    s.score_type,
    s.tp,
    s.fp,
    s.tn,
    s.fn,
    s.n_failed,
    s.n_failed_activating,
    s.n_examples,
    s.n_valid,
    s.n_activating,
    cast(s.n_valid as double) / nullif(s.n_examples, 0) as coverage,
    s.n_latents,
    s.n_hookpoints,
    case when s.n_valid > 0 then s.tp + s.fn = 0 or s.tn + s.fp = 0 end as has_one_class
from sums s
join runs r using (run_id);

-- behind_the_views.scored_runs: The runs under each scorer, classifiers and others.
-- One row per run and score type.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   is_classifier: run_confusion has it; else its measures are in latent_scores
--   n_latents: latents with a score file
--   has_one_class: as in run_confusion; null of another scorer
--   coverage: share of the examples that were answered; null where failures do not stand apart
create view behind_the_views.scored_runs as
select
    run_id,
    run_name,
    run_label,
    model,
    score_type,
    true as is_classifier,
    n_latents,
    has_one_class,
    coverage
from main.run_confusion
union all
select
    run_id,
    any_value(run_name) as run_name,
    any_value(run_label) as run_label,
    any_value(model) as model,
    score_type,
    false as is_classifier,
    count(distinct (hookpoint, latent_idx)) as n_latents,
    null as has_one_class,
    -- known where failures stand apart
    cast(
        cast(coalesce(sum(b) filter (measure = 'accuracy'), 0) as double) / sum(b) filter (measure = 'accuracy_strict') as double
    ) as coverage
from main.latent_scores
where quantile is null
group by
    run_id,
    score_type;
