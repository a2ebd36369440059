-- accuracy_distribution: How the pooled accuracies of the runs spread, as pandas describes a column.
-- One row per score type.
-- Kept: yes, unless selected_runs
-- As everywhere: score_type
--   n: runs whose accuracy is defined
--   mean: their mean
--   std: their standard deviation, n - 1 in the denominator; null for one run
--   min: the lowest
--   q25: lower quartile, interpolated linearly
--   median: the middle
--   q75: upper quartile, interpolated linearly
--   max: the highest
create view accuracy_distribution as
with accuracies as (
    select
        score_type,
        ratio_of(accuracy_parts(tp, fp, tn, fn)) as accuracy
    from run_confusion
)
select
    score_type,
    count(accuracy) as n,
    mean_of(accuracy) as mean,
    std_of(accuracy) as std,
    min(accuracy) as min,
    quantile_cont(accuracy, 0.25) as q25,
    quantile_cont(accuracy, 0.5) as median,
    quantile_cont(accuracy, 0.75) as q75,
    max(accuracy) as max
from accuracies
group by score_type;
