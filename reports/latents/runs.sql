-- The runs that a page may show, selected ones.
select
    run_id,
    run_name,
    run_label
from runs
order by
    run_label,
    run_name
