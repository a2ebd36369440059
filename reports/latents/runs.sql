-- The runs that a page may show, selected ones.
select
    run_id,
    run_name,
    run_label,
    subject_model,
    sparse_model
from runs
order by
    run_label,
    run_name
