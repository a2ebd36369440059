-- current_files: The newest version of every file; the others are superseded. The list variable selected_score_types narrows all views.
-- One row per file.
-- Kept: all runs
--   file_id: the version
--   run_id: the run; null for a file that several runs may share
--   path: where the file lies
--   kind: config, score, explanation, stats, timing or firing_counts
--   score_type: of a score or stats file
--   hookpoint: of a score or explanation file
--   latent_idx: of a score or explanation file
--   size: bytes
--   mtime_ns: modification time, nanoseconds since 1970
--   content_hash: SHA-256 of the bytes, hexadecimal
--   status: loaded, failed, unsupported or gone
--   loaded_at: when it was written, UTC
create view current_files as
select
    file_id,
    run_id,
    path,
    kind,
    score_type,
    hookpoint,
    latent_idx,
    size,
    mtime_ns,
    content_hash,
    status,
    loaded_at
from source_files
where
    getvariable('selected_score_types') is null
    or score_type is null
    or list_contains(getvariable('selected_score_types'), score_type)
qualify file_id = max(file_id) over (partition by path);
