-- latent_firing_counts: On how many of the cached tokens each scored latent was active.
-- One row per run, score type, hookpoint and latent with a score file.
-- Kept: yes
-- As everywhere: run_id, score_type, hookpoint, latent_idx
--   has_firing_counts: the run has a firing-count file
--   firing_count: tokens on which the latent was above 0; null where unknown
create view latent_firing_counts as
-- by the file and not by view firing_counts, which repeats a shared cache of millions for each run
with caches as (
    select
        l.run_id,
        f.file_id
    from run_links l
    join current_files f on f.path = l.path
    where l.kind = 'firing_counts' and f.kind = 'firing_counts' and f.status = 'loaded'
)
select
    m.run_id,
    m.score_type,
    m.hookpoint,
    m.latent_idx,
    c.file_id is not null as has_firing_counts,
    w.firing_count
from behind_the_views.score_files m
left join caches c using (run_id)
left join firing_facts w on w.file_id = c.file_id and w.hookpoint = m.hookpoint and w.latent_idx = m.latent_idx;
