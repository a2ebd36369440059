-- behind_the_views.pooled_estimates: Measures from the summed counts of all examples, each with its squared influences.
-- One row per run, score type and measure that has a value.
-- Kept: yes
--   run_id: the run
--   score_type: the scorer's directory name
--   measure: name of the measure
--   value: its value
--   squares: sum of the squared influences of the latents; null where none are defined
--   n_latents: latents that contribute to the denominator
--   agrees: every latent has the same value
create view behind_the_views.pooled_estimates as
with latents as (
    select
        run_id,
        score_type,
        tp,
        fp,
        tn,
        fn,
        accuracy_parts(tp, fp, tn, fn) as accuracy,
        precision_parts(tp, fp) as precision,
        recall_parts(tp, fn) as recall,
        specificity_parts(fp, tn) as specificity,
        f1_parts(tp, fp, fn) as f1,
        accuracy_strict_parts(tp, fp, tn, fn, n_failed) as accuracy_strict,
        recall_strict_parts(tp, fn, n_failed_activating) as recall_strict,
        f1_strict_parts(tp, fp, fn, n_failed_activating) as f1_strict,
        brier_parts(squared_error, n_probability) as brier
    from behind_the_views.latent_confusion
),
sums as materialized (
    select
        run_id,
        score_type,
        ratio_sums(accuracy) as accuracy,
        ratio_sums(precision) as precision,
        ratio_sums(recall) as recall,
        ratio_sums(specificity) as specificity,
        ratio_sums(f1) as f1,
        ratio_sums(accuracy_strict) as accuracy_strict,
        ratio_sums(recall_strict) as recall_strict,
        ratio_sums(f1_strict) as f1_strict,
        ratio_sums(brier) as brier,
        product_sums(recall, specificity) as recall_specificity,
        mcc_of(sum(tp), sum(fp), sum(tn), sum(fn)) as mcc
    from latents
    group by
        run_id,
        score_type
),
estimates as (
    select
        run_id,
        score_type,
        measure,
        ratio_estimate(sums) as estimate
    from sums
    unpivot (
        sums for measure in (
            accuracy,
            precision,
            recall,
            specificity,
            f1,
            accuracy_strict,
            recall_strict,
            f1_strict,
            brier
        )
    )
    union all
    select
        run_id,
        score_type,
        'balanced_accuracy' as measure,
        half_sum_estimate(recall, specificity, recall_specificity, accuracy.n) as estimate
    from sums
    union all
    select
        run_id,
        score_type,
        'mcc' as measure,
        {'value': mcc, 'squares': null, 'n': accuracy.n, 'agrees': false} as estimate
    from sums
)
select
    run_id,
    score_type,
    measure,
    estimate.value as value,
    estimate.squares as squares,
    estimate.n as n_latents,
    estimate.agrees as agrees
from estimates
where estimate.value is not null;
