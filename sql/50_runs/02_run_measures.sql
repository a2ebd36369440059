-- run_measures: The measures of a run in long form: pooled, macro and weighted, each with its 95 % interval.
-- One row per run, score type, measure and average that has a value, or would have one but for a missing firing count.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   measure: name of the measure, as in latent_metrics
--   average: pooled (from the summed counts), macro (mean over latents) or weighted (by firing count)
--   name: the column of run_metrics: the measure, with _macro or _weighted
--   value: its value; null where a firing count is missing
--   se: standard error, clustered by latent
--   low: lower end of the interval, Student's t with n_latents - 1 degrees of freedom
--   high: upper end
--   n_latents: latents that contribute
--   effective_n_latents: of a weighted measure: how many latents of equal weight weigh as much
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
            when value is null then 'a firing count is missing'
            when squares is null then 'no interval is defined'
            when has_one_class then 'one class only'
            when n_latents < 2 then 'one latent only'
            when least_n_latents < 2 then 'a hookpoint has one latent only'
            when effective_n_latents < 30 then 'effective number of latents below 30'
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
intervals as (
    select
        r.*,
        interval_of(
            r.value,
            case when r.reason is null then student_t_95(t.t, r.n_latents - 1) * r.se end,
            case r.measure when 'mcc' then -1 else 0 end
        ) as interval
    from reasoned r
    left join behind_the_views.student_t t on t.df = r.n_latents - 1
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
    r.interval.low as low,
    r.interval.high as high,
    r.n_latents,
    r.effective_n_latents,
    r.reason
from intervals r;
