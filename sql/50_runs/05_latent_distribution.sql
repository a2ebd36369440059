-- latent_distribution: How a measure spreads over the latents of a run, as pandas describes a column.
-- One row per run, score type and measure (accuracy, f1) that some latent has.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   measure: accuracy or f1
--   n: latents whose value is defined
--   mean: their mean: the macro measure
--   std: their standard deviation, n - 1 in the denominator; null for one latent
--   min: the lowest
--   q25: lower quartile, interpolated linearly
--   median: the middle
--   q75: upper quartile, interpolated linearly
--   max: the highest
create view latent_distribution as
with values as (
    select
        run_id,
        score_type,
        ratio_of(accuracy_parts(tp, fp, tn, fn)) as accuracy,
        ratio_of(f1_parts(tp, fp, fn)) as f1
    from behind_the_views.latent_confusion
),
spread as (
    select
        run_id,
        score_type,
        measure,
        count(*) as n,
        mean_of(value) as mean,
        std_of(value) as std,
        min(value) as min,
        quantile_cont(value, [0.25, 0.5, 0.75]) as quartiles,
        max(value) as max
    from values
    unpivot (
        value for measure in (
            accuracy,
            f1
        )
    )
    group by
        run_id,
        score_type,
        measure
)
select
    s.run_id,
    r.run_name,
    r.run_label,
    r.model,
    s.score_type,
    s.measure,
    s.n,
    s.mean,
    s.std,
    s.min,
    s.quartiles[1] as q25,
    s.quartiles[2] as median,
    s.quartiles[3] as q75,
    s.max
from spread s
join runs r using (run_id);
