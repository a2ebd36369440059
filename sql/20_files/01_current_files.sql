-- current_files: The newest version of every file; the others are superseded. The list variables selected_score_types and selected_hookpoints narrow all views.
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
--   candidate_idx: of a latent that has several explanations, which of these it is, or is about
--   is_used: what views of latents and runs count: of the candidates of a latent, its loaded file of the lowest candidate_idx, or one without
create view current_files as
with newest as (
    select *
    from source_files
    where
        (
            getvariable('selected_score_types') is null
            or score_type is null
            or list_contains(getvariable('selected_score_types'), score_type)
        )
        and is_selected_hookpoint(hookpoint)
    qualify file_id = max(file_id) over (partition by path)
),
candidates as (
    select
        file_id,
        candidate_idx,
        row_number() over (
            partition by n.run_id, n.kind, n.score_type, n.hookpoint, n.latent_idx
            order by n.status <> 'loaded' asc, c.candidate_idx asc, n.path asc
        ) = 1
        and plain.run_id is null as is_used
    from candidate_facts c
    join newest n using (file_id)
    left join (
        select distinct
            run_id,
            kind,
            score_type,
            hookpoint,
            latent_idx
        from newest
        anti join candidate_facts using (file_id)
        where status = 'loaded' and latent_idx is not null and exists (from candidate_facts)
    ) plain
        on plain.run_id = n.run_id
        and plain.kind = n.kind
        and plain.score_type is not distinct from n.score_type
        and plain.hookpoint = n.hookpoint
        and plain.latent_idx = n.latent_idx
)
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
    loaded_at,
    candidate_idx,
    coalesce(is_used, true) as is_used
from newest
left join candidates using (file_id);
