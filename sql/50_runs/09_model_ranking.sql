-- measure_ranking: The runs by a measure, the highest first; undefined ones last, sharing the last rank.
-- One row per score type, measure, failure policy and run.
-- Kept: yes, unless selected_runs, selected_score_types, same_latents
-- As everywhere: score_type
--   measure: accuracy, balanced_accuracy, f1, f1_macro, mcc or auc
--   policy: valid (failed examples left out) or strict (counted as wrong; accuracy, f1 and f1_macro alone)
--   name: the column of run_metrics that ranks: the measure, or its strict form
--   rank: 1 for the highest value; equal ones share it
-- As everywhere: run_id
--   run_name: the run's name; lists the runs of one rank
-- As everywhere: run_label, model
--   value: the measure
--   low: lower end of its 95 % interval
--   high: upper end
--   n_latents: latents that contribute
--   interval_reason: why there is no interval; null where there is one, or no value
--   tied_with_best: the best, or a run that does not differ from the best one significantly (5 %, p_adjusted); null: not comparable
--   against_best: the same in words: best, tied, behind, not comparable or undefined
create view measure_ranking as
with measures(measure, policy, name) as (
    values
        ('accuracy', 'valid', 'accuracy'),
        ('accuracy', 'strict', 'accuracy_strict'),
        ('balanced_accuracy', 'valid', 'balanced_accuracy'),
        ('f1', 'valid', 'f1'),
        ('f1', 'strict', 'f1_strict'),
        ('f1_macro', 'valid', 'f1_macro'),
        ('f1_macro', 'strict', 'f1_strict_macro'),
        ('mcc', 'valid', 'mcc'),
        ('auc', 'valid', 'auc')
),
ranked as materialized (
    select
        c.score_type,
        m.measure,
        m.policy,
        m.name,
        rank() over (partition by c.score_type, m.name order by r.value desc nulls last) as rank,
        c.run_id,
        c.run_name,
        c.run_label,
        c.model,
        r.value,
        r.low,
        r.high,
        coalesce(r.n_latents, 0) as n_latents,
        r.reason as interval_reason
    from run_confusion c
    cross join measures m
    left join run_measures r on r.run_id = c.run_id and r.score_type = c.score_type and r.name = m.name
),
-- of several best, the one that a run differs least from
against_best as (
    select
        r.score_type,
        r.name,
        r.run_id,
        max(c.p_adjusted) as p_adjusted
    from ranked r
    join ranked best on best.score_type = r.score_type and best.name = r.name and best.rank = 1
    join model_comparison c
        on c.score_type = r.score_type
        and c.measure = r.name
        and c.run_id_a = case when r.run_name < best.run_name then r.run_id else best.run_id end
        and c.run_id_b = case when r.run_name < best.run_name then best.run_id else r.run_id end
    group by
        r.score_type,
        r.name,
        r.run_id
),
tied as (
    select
        r.*,
        case
            when r.value is null then null
            when r.rank = 1 then true
            else b.p_adjusted >= 0.05
        end as tied_with_best
    from ranked r
    left join against_best b using (score_type, name, run_id)
)
select
    *,
    case
        when value is null then 'undefined'
        when rank = 1 then 'best'
        when tied_with_best is null then 'not comparable'
        when tied_with_best then 'tied'
        else 'behind'
    end as against_best
from tied;

-- model_ranking: The runs by pooled accuracy, the highest first; undefined ones last, sharing the last rank.
-- One row per score type and run.
-- Kept: yes, unless selected_runs, selected_score_types, same_latents
-- As everywhere: score_type
--   rank: 1 for the highest accuracy; equal ones share it
-- As everywhere: run_id
--   run_name: the run's name; lists the runs of one rank
-- As everywhere: run_label, model
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
--   tied_with_best: as in measure_ranking
create view model_ranking as
select
    r.score_type,
    r.rank,
    r.run_id,
    r.run_name,
    r.run_label,
    r.model,
    m.accuracy,
    m.accuracy_low,
    m.accuracy_high,
    m.f1,
    m.f1_low,
    m.f1_high,
    m.accuracy_strict,
    m.f1_strict,
    m.n_latents,
    m.coverage,
    r.tied_with_best
from measure_ranking r
join run_metrics m using (run_id, score_type)
where r.measure = 'accuracy' and r.policy = 'valid';
