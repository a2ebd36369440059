-- run_metrics: The measures of a run: pooled, macro (mean over latents) and weighted (by firing count), with intervals.
-- One row per run and score type.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type, tp, fp, tn, fn, n_failed, n_failed_activating, n_examples, n_valid, n_activating, coverage
--   n_latents: latents with a score file
--   accuracy_lowest: accuracy if every failed example had been judged wrongly: a bound, as are the next three
--   accuracy_highest: accuracy if every failed example had been judged rightly
--   f1_lowest: F1 if every failed example had been judged wrongly, so that it is a miss or a false alarm
--   f1_highest: F1 if every failed example had been judged rightly
-- {average}: '', _macro, _weighted
-- {measure}: accuracy, precision, recall, specificity, f1, balanced_accuracy, mcc, accuracy_strict, recall_strict, f1_strict, auc, brier
--   {measure}{average}: its value, as run_measures has it; null over nothing
--   {measure}{average}_se: standard error of {measure}{average}, clustered by latent
--   {measure}{average}_low: lower end of the 95 % interval of {measure}{average}
--   {measure}{average}_high: upper end of the 95 % interval of {measure}{average}
--   {measure}{average}_n_latents: latents that contribute to {measure}{average}
--   {measure}{average}_reason: why {measure}{average} has no interval; null where it has one, or no value
--   {measure}_weighted_effective_n_latents: how many latents of equal weight weigh as much in {measure}_weighted
create view run_metrics as
with pivoted as (
    from (
        select
            run_id,
            score_type,
            average,
            measure,
            value,
            se,
            low,
            high,
            n_latents,
            effective_n_latents,
            reason
        from run_measures
    )
    pivot (
        any_value(value) as value,
        any_value(se) as se,
        any_value(low) as low,
        any_value(high) as high,
        any_value(n_latents) as n_latents,
        any_value(reason) as reason,
        any_value(effective_n_latents) as effective
        for
            average in ('pooled', 'macro', 'weighted')
            measure in (
                'accuracy',
                'precision',
                'recall',
                'specificity',
                'f1',
                'balanced_accuracy',
                'mcc',
                'accuracy_strict',
                'recall_strict',
                'f1_strict',
                'auc',
                'brier'
            )
        group by
            run_id,
            score_type
    )
),
-- from <average>_<measure>_<aggregate> to the names of the columns: without pooled, and without value
named as (
    select
        run_id,
        score_type,
        columns('^pooled_(.*?)(?:_value|(_se|_low|_high|_reason|_n_latents))$') as '\1\2',
        columns('^(macro|weighted)_(.*?)(?:_value|(_se|_low|_high|_reason|_n_latents))$') as '\2_\1\3',
        columns('^weighted_(.*)_effective$') as '\1_weighted_effective_n_latents'
    from pivoted
)
select
    c.run_id,
    c.run_name,
    c.run_label,
    c.model,
    c.score_type,
    c.tp,
    c.fp,
    c.tn,
    c.fn,
    c.n_failed,
    c.n_failed_activating,
    c.n_examples,
    c.n_valid,
    c.n_activating,
    c.coverage,
    c.n_latents,
    ratio_of(accuracy_strict_parts(c.tp, c.fp, c.tn, c.fn, c.n_failed)) as accuracy_lowest,
    ratio_of(accuracy_highest_parts(c.tp, c.fp, c.tn, c.fn, c.n_failed)) as accuracy_highest,
    ratio_of(f1_lowest_parts(c.tp, c.fp, c.fn, c.n_failed)) as f1_lowest,
    ratio_of(f1_highest_parts(c.tp, c.fp, c.fn, c.n_failed_activating)) as f1_highest,
    w.* exclude (run_id, score_type)
from run_confusion c
join named w using (run_id, score_type);
