-- behind_the_views.pooled_estimates: Measures from the summed counts of all examples, each with its squared influences.
-- One row per run, score type and measure that has a value.
-- Kept: yes
-- As everywhere: run_id, score_type, measure
--   value: its value
--   squares: sum of the squared influences of the latents; null where none are defined
--   n_latents: latents that contribute to the denominator
--   least_n_latents: of a measure of two classes: in the class that has fewer; null of a measure without squares
--   agrees: every latent says the same
--   variance: squares, corrected for few latents that weigh unequally
--   effective_n_latents: how many latents of equal weight weigh as much
--   df: degrees of freedom
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
    union all
    select
        run_id,
        score_type,
        measure,
        ratio_sums(parts) as sums
    from (
        select
            run_id,
            score_type,
            measure,
            {'a': a, 'b': b} as parts
        from main.latent_scores
        where quantile is null
    )
    group by
        run_id,
        score_type,
        measure
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
estimates as materialized (
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
        {
            'value': mcc,
            'squares': null,
            'n': n_latents,
            'least_n': null,
            'agrees': false,
            'variance': null,
            'effective_n': null,
            'df': null
        } as estimate
    from whole
)
select
    run_id,
    score_type,
    measure,
    estimate.value as value,
    estimate.squares as squares,
    estimate.n as n_latents,
    estimate.least_n as least_n_latents,
    estimate.agrees as agrees,
    estimate.variance as variance,
    estimate.effective_n as effective_n_latents,
    estimate.df as df
from estimates
where estimate.value is not null;
