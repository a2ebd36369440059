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
--   tied_with_best: the best, or a run whose accuracy does not differ from the best one's significantly (5 %, p_adjusted); null: not comparable
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
),
ranked as materialized (
    select
        c.score_type,
        rank() over (partition by c.score_type order by i.accuracy desc nulls last) as rank,
        c.run_id,
        c.run_name,
        c.run_label,
        c.model,
        i.* exclude (run_id, score_type),
        c.n_latents,
        c.coverage
    from run_confusion c
    left join intervals i using (run_id, score_type)
),
-- of several best, the one that a run differs least from
against_best as (
    select
        r.score_type,
        r.run_id,
        max(c.p_adjusted) as p_adjusted
    from ranked r
    join ranked best on best.score_type = r.score_type and best.rank = 1
    join model_comparison c
        on c.score_type = r.score_type
        and c.measure = 'accuracy'
        and c.run_id_a = case when r.run_name < best.run_name then r.run_id else best.run_id end
        and c.run_id_b = case when r.run_name < best.run_name then best.run_id else r.run_id end
    group by
        r.score_type,
        r.run_id
)
select
    r.score_type,
    r.rank,
    r.run_id,
    r.run_name,
    r.run_label,
    r.model,
    r.accuracy,
    r.accuracy_low,
    r.accuracy_high,
    r.f1,
    r.f1_low,
    r.f1_high,
    r.accuracy_strict,
    r.f1_strict,
    r.n_latents,
    r.coverage,
    case
        when r.accuracy is null then null
        when r.rank = 1 then true
        else b.p_adjusted >= 0.05
    end as tied_with_best
from ranked r
left join against_best b using (score_type, run_id);
