-- firing_facts: On how many tokens each latent was active.
-- One row per firing-count file version, hookpoint and latent.
--   file_id: the file version
--   hookpoint: the hookpoint
--   latent_idx: the latent
--   firing_count: tokens
create table if not exists firing_facts (
    file_id bigint,
    hookpoint varchar,
    latent_idx bigint,
    firing_count bigint
);
