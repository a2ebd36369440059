-- scorers: The runs and score types, each with a fingerprint of its score files.
-- One row per run and score type with a loaded score file.
--   scorer: as in score_files
--   run_id: the run
--   score_type: the scorer's directory name
--   fingerprint: changes with the number, latents or contents of the files
create view scorers as
select
    scorer,
    run_id,
    score_type,
    count(*) || ':' || bit_xor(hash(hookpoint, latent_idx, content_hash)) as fingerprint
from score_files
group by
    scorer,
    run_id,
    score_type;
