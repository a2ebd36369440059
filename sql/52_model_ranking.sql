-- model_ranking: The runs by pooled accuracy, the highest first; undefined ones last, sharing the last rank.
-- One row per score type and run.
--   score_type: the scorer's directory name
--   rank: 1 for the highest accuracy; equal ones share it
--   run_id: the run
--   run_name: the run's name; lists the runs of one rank
--   run_label: the model, with the run's name where several runs share the model
--   model: display name of the explainer model
--   accuracy: pooled accuracy
--   accuracy_low: lower end of its 95 % interval
--   accuracy_high: upper end
--   f1: pooled F1
--   f1_low: lower end of its 95 % interval
--   f1_high: upper end
--   accuracy_strict: pooled accuracy, a failure being wrong
--   f1_strict: pooled F1, a failure predicting nothing
--   n_latents: latents with a score file
--   coverage: share of the examples with a prediction
--   tied_with_best: true for the best and for runs that do not differ from it significantly; null: not comparable
create view model_ranking as
with intervals as (
    select
        run_id,
        score_type,
        max(value) filter (measure = 'accuracy') as accuracy,
        max(low) filter (measure = 'accuracy') as accuracy_low,
        max(high) filter (measure = 'accuracy') as accuracy_high,
        max(value) filter (measure = 'f1') as f1,
        max(low) filter (measure = 'f1') as f1_low,
        max(high) filter (measure = 'f1') as f1_high,
        max(value) filter (measure = 'accuracy_strict') as accuracy_strict,
        max(value) filter (measure = 'f1_strict') as f1_strict
    from run_measures
    where average = 'pooled' and measure in ('accuracy', 'f1', 'accuracy_strict', 'f1_strict')
    group by
        run_id,
        score_type
)
select
    c.score_type,
    rank() over (partition by c.score_type order by i.accuracy desc nulls last) as rank,
    c.run_id,
    c.run_name,
    c.run_label,
    c.model,
    i.accuracy,
    i.accuracy_low,
    i.accuracy_high,
    i.f1,
    i.f1_low,
    i.f1_high,
    i.accuracy_strict,
    i.f1_strict,
    c.n_latents,
    c.coverage,
    cast(null as boolean) as tied_with_best
from run_confusion c
join intervals i using (run_id, score_type);
