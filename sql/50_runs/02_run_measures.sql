-- run_measures: The measures of a run in long form: pooled, macro and weighted, each with its 95 % interval.
-- One row per run, score type, measure and average that has a value, or would have one but for a missing firing count.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   measure: name of the measure, as in latent_metrics
--   average: pooled (from the summed counts), macro (mean over latents) or weighted (by firing count)
--   name: the column of run_metrics: the measure, with _macro or _weighted
--   value: its value; null where a firing count is missing
--   se: standard error, clustered by latent
--   low: lower end of the interval, Wilson's with Student's t
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
        from run_confusion
    ) using (run_id, score_type)
),
-- of Matthews correlation, which lies in [-1, 1], that of its place in this range
intervals as (
    select
        r.*,
        case
            when r.measure = 'mcc'
                then interval_of_share(
                    (1 + r.value) / 2,
                    case when r.reason is null then r.variance / 4 end,
                    r.df,
                    student_t_95(t.t, r.df)
                )
            else interval_of_share(
                r.value,
                case when r.reason is null then r.variance end,
                r.df,
                student_t_95(t.t, r.df)
            )
        end as interval
    from reasoned r
    left join behind_the_views.student_t t using (df)
)
select
    r.run_id,
    r.run_name,
    r.run_label,
    r.model,
    r.score_type,
    r.measure,
    r.average,
    r.measure || case r.average when 'pooled' then '' else '_' || r.average end as name,
    r.value,
    r.se,
    case
        when r.reason is null
            then case when r.measure = 'mcc' then least(r.value, 2 * r.interval.low - 1) else r.interval.low end
    end as low,
    case
        when r.reason is null
            then case when r.measure = 'mcc' then greatest(r.value, 2 * r.interval.high - 1) else r.interval.high end
    end as high,
    case when r.reason is null then sqrt(r.variance) end as interval_se,
    case when r.reason is null then r.df end as df,
    r.n_latents,
    r.effective_n_latents,
    r.reason
from intervals r;
