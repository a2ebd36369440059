-- firing_counts: On how many of the cached tokens each latent was active.
-- One row per run, hookpoint and latent; a cache that several runs share is stored once.
-- Kept: no, since a cache that runs share would be kept for each of them
-- As everywhere: run_id, hookpoint, latent_idx
--   firing_count: tokens on which the latent was above 0
--   n_tokens: tokens cached, as the run's config says; null without one
create view firing_counts as
select
    l.run_id,
    w.hookpoint,
    w.latent_idx,
    w.firing_count,
    r.n_tokens
from run_links l
join current_files f on f.path = l.path and f.status = 'loaded'
join firing_facts w using (file_id)
join runs r on r.run_id = l.run_id
where l.kind = 'firing_counts' and is_selected_hookpoint(w.hookpoint);
