-- latent_metrics: The measures of one latent under one scorer.
-- One row per run, score type, hookpoint and latent.
-- Kept: yes
--   run_id: the run
--   run_name: the run's name
--   run_label: the model, with the run's name where several runs share the model
--   model: display name of the explainer model
--   score_type: the scorer's directory name
--   hookpoint: the hookpoint
--   latent_idx: the latent
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
--   accuracy: (tp + tn) / n_valid
--   precision: tp / (tp + fp); null when nothing was predicted activating
--   recall: tp / (tp + fn); null without a valid activating example
--   specificity: tn / (tn + fp); null without a valid example that does not activate
--   f1: 2tp / (2tp + fp + fn)
--   balanced_accuracy: (recall + specificity) / 2; delphi calls this accuracy
--   mcc: Matthews correlation; null when a marginal is 0
--   accuracy_strict: (tp + tn) / n_examples: a failure is wrong
--   recall_strict: tp / (tp + fn + n_failed_activating)
--   f1_strict: 2tp / (2tp + fp + fn + n_failed_activating): a failure predicts nothing
--   auc: area under the ROC curve of probability, ties counted half; null with one class or no probability
--   brier: mean (probability - activating)^2; null without a probability
create view latent_metrics as
select
    c.run_id,
    r.run_name,
    r.run_label,
    r.model,
    c.score_type,
    c.hookpoint,
    c.latent_idx,
    c.tp,
    c.fp,
    c.tn,
    c.fn,
    c.n_failed,
    c.n_failed_activating,
    c.n_examples,
    c.n_valid,
    c.n_activating,
    c.n_valid / nullif(c.n_examples, 0) as coverage,
    ratio_of(accuracy_parts(c.tp, c.fp, c.tn, c.fn)) as accuracy,
    ratio_of(precision_parts(c.tp, c.fp)) as precision,
    ratio_of(recall_parts(c.tp, c.fn)) as recall,
    ratio_of(specificity_parts(c.fp, c.tn)) as specificity,
    ratio_of(f1_parts(c.tp, c.fp, c.fn)) as f1,
    balanced_accuracy_of(c.tp, c.fp, c.tn, c.fn) as balanced_accuracy,
    mcc_of(c.tp, c.fp, c.tn, c.fn) as mcc,
    ratio_of(accuracy_strict_parts(c.tp, c.fp, c.tn, c.fn, c.n_failed)) as accuracy_strict,
    ratio_of(recall_strict_parts(c.tp, c.fn, c.n_failed_activating)) as recall_strict,
    ratio_of(f1_strict_parts(c.tp, c.fp, c.fn, c.n_failed_activating)) as f1_strict,
    auc_of(c.half_pairs, c.n_probability_activating, c.n_probability - c.n_probability_activating) as auc,
    ratio_of(brier_parts(c.squared_error, c.n_probability)) as brier
from behind_the_views.latent_confusion c
join runs r using (run_id);
