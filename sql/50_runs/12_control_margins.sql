-- control_margins: How far a run is above a control that was judged alike: a run of random or shuffled explanations.
-- One row per score type, measure, run that is no control and control that was judged alike; one with none if there is no such control.
-- Kept: no, since it takes a few rows of model_comparison, for the runs that the list variable controls of GLOBs names
-- As everywhere: run_id, run_name, run_label, model, score_type
--   measure: a pooled measure of model_comparison
--   control_id: the control
--   control_label: its label
--   value: the measure of the run on the latents where it is defined in both
--   control_value: the same of the control
--   margin: value - control_value: what the explanations are worth; null as difference of model_comparison is
--   low: lower end of its 95 % interval, paired and clustered by latent
--   high: upper end
--   p_value: two-sided, of no margin, not adjusted
--   against_control: where the interval lies: above 0, below it or not told apart from it; null without one
--   n_latents_shared: latents where the measure is defined in both
--   reason: why there is no interval; null where there is one
create view control_margins as
with sides as (
    select
        c.score_type,
        c.measure,
        unnest(
            [
                {
                    'run_id': c.run_id_a,
                    'control_id': c.run_id_b,
                    'control_name': c.run_name_b,
                    'control_label': c.run_label_b,
                    'value': c.value_a,
                    'control_value': c.value_b,
                    'margin': c.difference,
                    'low': c.low,
                    'high': c.high
                },
                {
                    'run_id': c.run_id_b,
                    'control_id': c.run_id_a,
                    'control_name': c.run_name_a,
                    'control_label': c.run_label_a,
                    'value': c.value_b,
                    'control_value': c.value_a,
                    'margin': -c.difference,
                    'low': -c.high,
                    'high': -c.low
                }
            ],
            recursive := true
        ),
        c.p_value,
        c.n_latents_shared,
        c.reason
    from model_comparison c
    where len(c.differs) = 0
),
alike as (
    from sides
    where is_control(control_name)
),
measured as (
    select distinct
        m.score_type,
        m.measure,
        m.run_id
    from run_measures m
    where
        m.average = 'pooled'
        and exists (from model_comparison c where c.score_type = m.score_type and c.measure = m.measure)
)
select
    m.run_id,
    r.run_name,
    r.run_label,
    r.model,
    m.score_type,
    m.measure,
    a.control_id,
    a.control_label,
    a.value,
    a.control_value,
    a.margin,
    a.low,
    a.high,
    a.p_value,
    against_of(0, a.low, a.high, 'not told apart') as against_control,
    a.n_latents_shared,
    case when a.control_id is null then 'no control was judged alike' else a.reason end as reason
from measured m
join runs r using (run_id)
left join alike a using (score_type, measure, run_id)
where getvariable('controls') is not null and not is_control(r.run_name);
