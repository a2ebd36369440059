-- behind_the_views.latent_measures: The measures of latent_metrics in long form, where they are defined, and those of latent_scores, with the latent's weight.
-- One row per run, score type, hookpoint, latent and measure with a value.
-- Kept: yes
-- As everywhere: run_id, score_type, hookpoint, latent_idx
--   firing_count: cached tokens on which the latent was above 0; null where unknown
-- As everywhere: measure
--   value: its value
create view behind_the_views.latent_measures as
with latents as (
    select
        m.run_id,
        m.score_type,
        m.hookpoint,
        m.latent_idx,
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
    from main.latent_metrics m
    join main.latent_firing_counts w using (run_id, score_type, hookpoint, latent_idx)
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
unpivot (value for measure in (columns(* exclude (run_id, score_type, hookpoint, latent_idx, firing_count))))
union all
select
    s.run_id,
    s.score_type,
    s.hookpoint,
    s.latent_idx,
    w.firing_count,
    s.measure,
    s.value
from main.latent_scores s
join main.latent_firing_counts w using (run_id, score_type, hookpoint, latent_idx)
where s.quantile is null;
