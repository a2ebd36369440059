-- firing_facts: On how many tokens each latent was active.
-- One row per firing-count file version, hookpoint and latent.
-- As everywhere: file_id, hookpoint, latent_idx
--   firing_count: tokens
create table if not exists firing_facts (
    file_id bigint,
    hookpoint varchar,
    latent_idx bigint,
    firing_count bigint
);
