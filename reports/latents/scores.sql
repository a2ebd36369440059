-- Counts and measures of each latent, per run and score type.
select
    run_id,
    run_label,
    score_type,
    hookpoint,
    latent_idx,
    tp,
    fp,
    tn,
    fn,
    n_failed,
    accuracy,
    balanced_accuracy,
    precision,
    recall,
    specificity,
    f1,
    mcc,
    auc,
    brier,
    accuracy_strict,
    recall_strict,
    f1_strict
from latent_metrics
order by
    run_label,
    run_id,
    score_type,
    hookpoint,
    latent_idx
