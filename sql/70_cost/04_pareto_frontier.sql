-- pareto_frontier: Quality against cost: a run is on the frontier when none is better for as little, or cheaper for as much.
-- One row per run, score type, measure (accuracy, f1), stage and kind of cost, where both are known.
-- Kept: yes, unless selected_runs, selected_score_types, prices
-- As everywhere: run_id, run_name, run_label, model, score_type
--   measure: accuracy or f1
--   stage: explainer, or all (explainer and scorers)
--   cost_kind: wall_time_s, tokens or money
--   cost: seconds, tokens, or the currency of the prices
--   value: the pooled measure
--   low: lower end of its 95 % interval
--   high: upper end
--   on_frontier: no run of the score type has more for the same cost, or as much for less
create view pareto_frontier as
with points as materialized (
    select
        m.run_id,
        m.run_name,
        m.run_label,
        m.model,
        m.score_type,
        m.measure,
        c.stage,
        c.cost_kind,
        c.cost,
        m.value,
        m.low,
        m.high
    from run_measures m
    join run_costs c using (run_id)
    where m.average = 'pooled' and m.measure in ('accuracy', 'f1')
)
select
    *,
    not exists (
        from points other
        where
            other.score_type = p.score_type
            and other.measure = p.measure
            and other.stage = p.stage
            and other.cost_kind = p.cost_kind
            and other.cost <= p.cost
            and other.value >= p.value
            and (other.cost < p.cost or other.value > p.value)
    ) as on_frontier
from points p;
