-- run_metrics: The measures of a run: pooled, macro (mean over latents) and weighted (by firing count), with intervals.
-- One row per run and score type.
-- Kept: yes
--   run_id: the run
--   run_name: the run's name
--   run_label: the model, with the run's name where several runs share the model
--   model: display name of the explainer model
--   score_type: the scorer's directory name
--   tp: activating, predicted activating
--   fp: not activating, predicted activating
--   tn: not activating, predicted not activating
--   fn: activating, predicted not activating
--   n_failed: examples without a prediction
--   n_failed_activating: activating examples without a prediction
--   n_examples: all examples
--   n_valid: examples with a prediction
--   n_activating: activating examples, failed ones too
--   coverage: n_valid / n_examples
--   n_latents: latents with a score file
-- {name}: accuracy, precision, recall, specificity, f1, balanced_accuracy, mcc, accuracy_strict, recall_strict, f1_strict, auc, brier, accuracy_macro, precision_macro, recall_macro, specificity_macro, f1_macro, balanced_accuracy_macro, mcc_macro, accuracy_strict_macro, recall_strict_macro, f1_strict_macro, auc_macro, brier_macro, accuracy_weighted, precision_weighted, recall_weighted, specificity_weighted, f1_weighted, balanced_accuracy_weighted, mcc_weighted, accuracy_strict_weighted, recall_strict_weighted, f1_strict_weighted, auc_weighted, brier_weighted
--   {name}: its value, as run_measures has it; null over nothing
--   {name}_se: standard error of {name}, clustered by latent
--   {name}_low: lower end of the 95 % interval of {name}
--   {name}_high: upper end of the 95 % interval of {name}
--   {name}_n_latents: latents that contribute to {name}
--   {name}_reason: why {name} has no interval; null where it has one, or no value
-- {weighted}: accuracy_weighted, precision_weighted, recall_weighted, specificity_weighted, f1_weighted, balanced_accuracy_weighted, mcc_weighted, accuracy_strict_weighted, recall_strict_weighted, f1_strict_weighted, auc_weighted, brier_weighted
--   {weighted}_effective_n_latents: how many latents of equal weight weigh as much in {weighted}
create view run_metrics as
with pivoted as (
    from (
        select
            run_id,
            score_type,
            name,
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
        any_value(effective_n_latents) as effective_n_latents
        for name in (
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
            'brier',
            'accuracy_macro',
            'precision_macro',
            'recall_macro',
            'specificity_macro',
            'f1_macro',
            'balanced_accuracy_macro',
            'mcc_macro',
            'accuracy_strict_macro',
            'recall_strict_macro',
            'f1_strict_macro',
            'auc_macro',
            'brier_macro',
            'accuracy_weighted',
            'precision_weighted',
            'recall_weighted',
            'specificity_weighted',
            'f1_weighted',
            'balanced_accuracy_weighted',
            'mcc_weighted',
            'accuracy_strict_weighted',
            'recall_strict_weighted',
            'f1_strict_weighted',
            'auc_weighted',
            'brier_weighted'
        )
        group by
            run_id,
            score_type
    )
),
-- a pivot names every column after its aggregate; the value itself goes by the measure's name alone
named as (
    select columns('^(.*?)(_value)?$') as '\1'
    from pivoted
),
wide as (
    select
        columns(lambda c: not ends_with(c, '_effective_n_latents')),
        columns('_weighted_effective_n_latents$')
    from named
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
    w.* exclude (run_id, score_type)
from run_confusion c
join wide w using (run_id, score_type);
