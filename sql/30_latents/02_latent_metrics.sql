-- latent_metrics: The measures of one latent under one scorer.
-- One row per run, score type, hookpoint and latent.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type, hookpoint, latent_idx, tp, fp, tn, fn, n_failed, n_failed_activating, n_examples, n_valid, n_activating, coverage
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
with measured as (
    select
        *,
        measures_of(c) as measures
    from behind_the_views.latent_confusion c
)
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
    cast(c.n_valid as double) / nullif(c.n_examples, 0) as coverage,
    unnest(c.measures),
    auc_of(c.half_pairs, c.n_probability_activating, c.n_probability - c.n_probability_activating) as auc,
    ratio_of(brier_parts(c.squared_error, c.n_probability)) as brier
from measured c
join runs r using (run_id);
