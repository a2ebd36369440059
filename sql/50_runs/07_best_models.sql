-- best_models: Which run has the highest mean over score types; a run that lacks a score type takes no part.
-- One row per measure of model_summary (accuracy, precision, recall, f1) and run that reaches the highest value.
-- Kept: yes, unless selected_runs, selected_score_types
--   measure: accuracy, precision, recall or f1
-- As everywhere: run_id, run_name, run_label, model
--   value: its mean over score types
create view best_models as
with candidates as (
    select
        measure,
        run_id,
        run_name,
        run_label,
        model,
        value
    from model_summary
    unpivot (
        value for measure in (
            accuracy,
            precision,
            recall,
            f1
        )
    )
    where has_all_score_types
)
select
    measure,
    run_id,
    run_name,
    run_label,
    model,
    value
from candidates
qualify value = max(value) over (partition by measure);
