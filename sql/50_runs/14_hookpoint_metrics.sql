-- hookpoint_metrics: The measures of a run at each of its hookpoints, each with its 95 % interval.
-- One row per run, score type of classifiers, hookpoint and measure that is a ratio of counts and has a value.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type, hookpoint
--   measure: accuracy, precision, recall, specificity, f1, accuracy_strict, recall_strict or f1_strict, from the summed counts
--   value: its value
--   se: standard error, clustered by latent
--   low: lower end of its 95 % interval; null where every latent agrees or there is one alone
--   high: upper end
--   n_latents: latents that contribute
create view hookpoint_metrics as
with ratios as (
    select
        run_id,
        score_type,
        hookpoint,
        unnest(ratios_of(c)) as ratio
    from behind_the_views.latent_confusion c
),
sums as materialized (
    select
        run_id,
        score_type,
        hookpoint,
        ratio.measure as measure,
        ratio_sums(ratio.parts) as sums
    from ratios
    group by
        run_id,
        score_type,
        hookpoint,
        ratio.measure
),
estimates as (
    select
        * exclude (sums),
        ratio_estimate(sums) as estimate
    from sums
),
intervals as (
    select
        e.*,
        interval_of_ratio(e.estimate, t.t) as interval
    from estimates e
    left join behind_the_views.student_t t on t.df = e.estimate.df
)
select
    i.run_id,
    r.run_name,
    r.run_label,
    r.model,
    i.score_type,
    i.hookpoint,
    i.measure,
    i.estimate.value as value,
    standard_error_of(i.estimate.squares, i.estimate.n) as se,
    i.interval.low as low,
    i.interval.high as high,
    i.estimate.n as n_latents
from intervals i
join runs r using (run_id)
where i.estimate.value is not null;
