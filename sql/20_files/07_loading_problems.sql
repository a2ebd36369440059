-- behind_the_views.loading_problems: What the loader met: files it could not use, and what it found odd in files and directories.
-- One row per place and problem.
-- Kept: all runs, unless selected_score_types
--   run_id: the run; null where the place is in none
--   path: the file or directory
--   kind: short name of the problem
--   severity: failed, unsupported or finding
--   detail: what was found, what was wanted and what to do
create view behind_the_views.loading_problems as
select
    f.run_id,
    f.path,
    p.kind,
    p.severity,
    p.detail
from main.current_files f
join main.file_problems p using (file_id)
union
select
    run_id,
    path,
    kind,
    severity,
    detail
from main.scan_problems;
