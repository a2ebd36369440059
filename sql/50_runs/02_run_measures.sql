-- run_measures: The measures of a run in long form: pooled, macro and weighted, each with its 95 % interval.
-- One row per run, score type, measure and average that has a value, or would have one but for a missing firing count.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   measure: name of the measure, as in latent_metrics or latent_scores
--   average: pooled (from the summed counts), macro (mean over latents) or weighted (by firing count); pooled alone of a measure that measure_docs gives no bounds
--   name: the column of run_metrics: the measure, with _macro or _weighted
--   value: its value; null where a firing count is missing
--   se: standard error, clustered by latent
--   low: lower end of the interval, Wilson's with Student's t; plain of a measure without bounds
--   high: upper end
--   interval_se: standard error that the interval rests on: se, corrected for few latents that weigh unequally
--   df: degrees of freedom of the interval: effective_n_latents - 1, or fewer where classes or hookpoints differ
--   n_latents: latents that contribute
--   effective_n_latents: how many latents of equal weight weigh as much; null where there is no se
--   reason: why there is no interval; null where there is one
create view run_measures as
with estimates as (
    select
        *,
        'pooled' as average
    from behind_the_views.pooled_estimates
    union all by name
    select
        *,
        'pooled' as average
    from behind_the_views.auc_estimates
    union all by name
    from behind_the_views.average_estimates
),
reasoned as (
    select
        *,
        standard_error_of(squares, n_latents) as se,
        case
            when value is null and n_missing > 0 then 'a firing count is missing'
            when value is null then 'every firing count is 0'
            when has_one_class then 'one class only'
            when n_latents < 2 then 'one latent only'
            when average = 'pooled' and least_n_latents < 2 then 'a class has one latent only'
            when squares is null then 'no interval is defined'
            when least_n_latents < 2 then 'a hookpoint has one latent only'
            when average = 'weighted' and effective_n_latents < 30 then 'effective number of latents below 30'
            when agrees then 'every latent agrees'
        end as reason
    from estimates
    join (
        select
            run_id,
            score_type,
            run_name,
            run_label,
            model,
            has_one_class
        from behind_the_views.scored_runs
    ) using (run_id, score_type)
),
bounded as (
    select
        r.*,
        d.lowest,
        d.highest - d.lowest as span,
        student_t_95(t.t, r.df) as t,
        case when r.reason is null then r.variance end as known_variance
    from reasoned r
    left join measure_docs d using (measure)
    left join behind_the_views.student_t t using (df)
),
-- of a measure with bounds, that of its place between them
placed as (
    select
        *,
        (value - lowest) / span as place,
        known_variance / (span * span) as place_variance
    from bounded
),
intervals as (
    select
        *,
        interval_of_share(place, place_variance, df, t) as of_share,
        interval_of_mean(value, known_variance, t, lowest) as of_mean
    from placed
)
select
    run_id,
    run_name,
    run_label,
    model,
    score_type,
    measure,
    average,
    measure || case average when 'pooled' then '' else '_' || average end as name,
    value,
    se,
    case
        when span is null then of_mean.low
        when reason is null then least(value, lowest + span * of_share.low)
    end as low,
    case
        when span is null then of_mean.high
        when reason is null then greatest(value, lowest + span * of_share.high)
    end as high,
    sqrt(known_variance) as interval_se,
    case when reason is null then df end as df,
    n_latents,
    effective_n_latents,
    reason
from intervals;
