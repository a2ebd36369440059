-- past_files: Score files as they were before they changed or went; `reports diff --since` goes back to them.
-- One row per file version that was superseded.
-- As everywhere: file_id, run_id
--   path: where the file lay
-- As everywhere: score_type, hookpoint, latent_idx
--   content_hash: SHA-256 of the bytes, hexadecimal
--   status: loaded, failed, unsupported or gone
create table if not exists past_files (
    file_id bigint,
    run_id varchar,
    path varchar,
    score_type varchar,
    hookpoint varchar,
    latent_idx bigint,
    content_hash varchar,
    status varchar
);

-- past_count_facts: What count_facts held of past_files.
-- One row per file version that was superseded.
-- As everywhere: file_id, tp, fp, tn, fn, n_failed, n_failed_activating
--   n_correct_disagrees: as in count_facts
--   n_probability: as in count_facts
--   n_probability_activating: as in count_facts
--   half_pairs: as in count_facts
--   squared_error: as in count_facts
create table if not exists past_count_facts (
    file_id bigint,
    tp bigint,
    fp bigint,
    tn bigint,
    fn bigint,
    n_failed bigint,
    n_failed_activating bigint,
    n_correct_disagrees bigint,
    n_probability bigint,
    n_probability_activating bigint,
    half_pairs bigint,
    squared_error decimal(38, 18)
);

-- past_candidate_facts: What candidate_facts held of past_files.
-- One row per file version that was superseded, of a latent with several explanations.
-- As everywhere: file_id
--   candidate_idx: as in candidate_facts
create table if not exists past_candidate_facts (
    file_id bigint,
    candidate_idx bigint
);

-- past_measure_facts: What measure_facts held of past_files.
-- One row per file version that was superseded, measure and quantile.
-- As everywhere: file_id, measure
--   quantile: as in measure_facts
--   a: as in measure_facts
--   b: as in measure_facts
create table if not exists past_measure_facts (
    file_id bigint,
    measure varchar,
    quantile bigint,
    a decimal(18, 12),
    b bigint
);
