-- behind_the_views.score_files: The loaded score files that are used, for views that count examples by file before they look at names.
-- One row per score file.
-- Kept: yes
--   file_id: the file version, as in example_facts
--   scorer: a whole number that all files of one run and score type share
-- As everywhere: run_id, score_type, hookpoint, latent_idx
--   content_hash: SHA-256 of the file
create view behind_the_views.score_files as
select
    file_id,
    min(file_id) over (partition by run_id, score_type) as scorer,
    run_id,
    score_type,
    hookpoint,
    latent_idx,
    content_hash
from main.current_files
where
    kind = 'score'
    and status = 'loaded'
    and is_used
    -- as in runs, which costs more to join than to repeat
    and (getvariable('selected_runs') is null or list_contains(getvariable('selected_runs'), run_id));
