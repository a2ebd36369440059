-- source_files: Every file the loader has seen in a run, by version.
-- One row per file and version; the largest file_id of a path is the present one.
--   file_id: whole number, larger for later versions
--   run_id: the run; null for a file that several runs may share
--   path: where the file lies
--   kind: config, score, explanation, stats, timing or firing_counts
--   score_type: of a score or stats file
--   hookpoint: of a score or explanation file, from its name
--   latent_idx: of a score or explanation file, from its name
--   size: bytes
--   mtime_ns: modification time, nanoseconds since 1970
--   content_hash: SHA-256 of the bytes, hexadecimal; null where they could not be read
--   status: loaded, failed, unsupported or gone
--   loaded_at: when this version was written, UTC
create table if not exists source_files (
    file_id bigint,
    run_id varchar,
    path varchar,
    kind varchar,
    score_type varchar,
    hookpoint varchar,
    latent_idx bigint,
    size bigint,
    mtime_ns bigint,
    content_hash varchar,
    status varchar,
    loaded_at timestamp
);
