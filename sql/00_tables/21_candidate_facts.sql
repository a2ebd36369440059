-- candidate_facts: The files of a latent that has several explanations, its candidates (best of k).
-- One row per file version of such a file.
-- As everywhere: file_id
--   candidate_idx: which of the explanations it is, or is about, from its name
create table if not exists candidate_facts (
    file_id bigint,
    candidate_idx bigint
);
