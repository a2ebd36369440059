-- model_summary: The plain mean of a run's pooled measures over its score types.
-- One row per run with a loaded score file.
-- Kept: yes, unless selected_runs, selected_score_types
-- As everywhere: run_id, run_name, run_label, model
--   score_types: the score types of the run, sorted
--   n_score_types: how many they are
--   has_all_score_types: the run has every score type that any run has
--   n_latents: latents with a score file, of the score type that has most
--   coverage: share of all examples with a prediction
--   accuracy: mean accuracy; null where one of the score types has none
--   precision: mean precision; null where one of the score types has none
--   recall: mean recall; null where one of the score types has none
--   f1: mean F1; null where one of the score types has none
--   accuracy_strict: mean accuracy, a failure being wrong
--   recall_strict: mean recall, a failure being a miss
--   f1_strict: mean F1, a failure predicting nothing
create view model_summary as
with measures as (
    select
        *,
        measures_of(c) as measures
    from run_confusion c
)
select
    run_id,
    any_value(run_name) as run_name,
    any_value(run_label) as run_label,
    any_value(model) as model,
    list(score_type order by score_type asc) as score_types,
    count(*) as n_score_types,
    count(*) = (select count(distinct score_type) from run_confusion) as has_all_score_types,
    max(n_latents) as n_latents,
    cast(sum(n_valid) as double) / nullif(sum(n_examples), 0) as coverage,
    mean_of_all(measures.accuracy) as accuracy,
    mean_of_all(measures.precision) as precision,
    mean_of_all(measures.recall) as recall,
    mean_of_all(measures.f1) as f1,
    mean_of_all(measures.accuracy_strict) as accuracy_strict,
    mean_of_all(measures.recall_strict) as recall_strict,
    mean_of_all(measures.f1_strict) as f1_strict
from measures
group by run_id;
