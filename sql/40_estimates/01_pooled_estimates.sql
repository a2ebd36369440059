-- behind_the_views.pooled_estimates: Measures from the summed counts of all examples, each with its squared influences.
-- One row per run, score type and measure that has a value.
-- Kept: yes
-- As everywhere: run_id, score_type, measure
--   value: its value
--   squares: sum of the squared influences of the latents; null where none are defined
--   n_latents: latents that contribute to the denominator
--   agrees: every latent has the same value
create view behind_the_views.pooled_estimates as
with ratios as (
    select
        run_id,
        score_type,
        unnest(ratios_of(c)) as ratio
    from behind_the_views.latent_confusion c
),
sums as materialized (
    select
        run_id,
        score_type,
        ratio.measure as measure,
        ratio_sums(ratio.parts) as sums
    from ratios
    group by
        run_id,
        score_type,
        ratio.measure
    union all
    select
        run_id,
        score_type,
        'brier' as measure,
        ratio_sums(brier_parts(squared_error, n_probability)) as sums
    from behind_the_views.latent_confusion
    group by
        run_id,
        score_type
),
-- what the measures that are no ratio need beside
whole as (
    select
        run_id,
        score_type,
        count(*) filter (tp + fp + tn + fn > 0) as n_latents,
        product_sums(recall_parts(tp, fn), specificity_parts(fp, tn)) as products,
        mcc_of(sum(tp), sum(fp), sum(tn), sum(fn)) as mcc
    from behind_the_views.latent_confusion
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
    union all
    select
        run_id,
        score_type,
        'balanced_accuracy' as measure,
        half_sum_estimate(recall.sums, specificity.sums, w.products, w.n_latents) as estimate
    from whole w
    join sums recall using (run_id, score_type)
    join sums specificity using (run_id, score_type)
    where recall.measure = 'recall' and specificity.measure = 'specificity'
    union all
    select
        run_id,
        score_type,
        'mcc' as measure,
        {'value': mcc, 'squares': null, 'n': n_latents, 'agrees': false} as estimate
    from whole
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
