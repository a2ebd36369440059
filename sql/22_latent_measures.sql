-- latent_measures: The measures of latent_metrics in long form, where they are defined, with the latent's weight.
-- One row per run, score type, hookpoint, latent and measure with a value.
--   run_id: the run
--   score_type: the scorer's directory name
--   hookpoint: the hookpoint
--   latent_idx: the latent
--   firing_count: cached tokens on which the latent was above 0; null where unknown
--   measure: name of the measure
--   value: its value
create view latent_measures as
with caches as (
    select
        l.run_id,
        f.file_id
    from run_links l
    join current_files f on f.path = l.path
    where l.kind = 'firing_counts' and f.kind = 'firing_counts' and f.status = 'loaded'
),
latents as (
    select
        m.run_id,
        m.score_type,
        m.hookpoint,
        m.latent_idx,
        -- by the file and not by view firing_counts, which would repeat a shared cache for each run
        w.firing_count,
        m.accuracy,
        m.precision,
        m.recall,
        m.specificity,
        m.f1,
        m.balanced_accuracy,
        m.mcc,
        m.accuracy_strict,
        m.recall_strict,
        m.f1_strict,
        m.auc,
        m.brier
    from latent_metrics m
    left join caches c using (run_id)
    left join firing_facts w
        on w.file_id = c.file_id and w.hookpoint = m.hookpoint and w.latent_idx = m.latent_idx
)
select
    run_id,
    score_type,
    hookpoint,
    latent_idx,
    firing_count,
    measure,
    value
from latents
unpivot (
    value for measure in (
        accuracy,
        precision,
        recall,
        specificity,
        f1,
        balanced_accuracy,
        mcc,
        accuracy_strict,
        recall_strict,
        f1_strict,
        auc,
        brier
    )
);
