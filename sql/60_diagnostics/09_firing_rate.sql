-- firing_rate: How often each scored latent fires, beside how well it is explained.
-- One row per run, score type, hookpoint and latent with a firing count.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type, hookpoint, latent_idx
--   firing_count: cached tokens on which the latent was above 0
--   firing_rate: firing_count / cached tokens; null where the config does not say how many
--   decile: 1 holds the tenth of the run's latents that fire least, 10 the one that fires most
--   accuracy: of the latent
--   f1: of the latent; null over nothing
create view firing_rate as
select
    w.run_id,
    r.run_name,
    r.run_label,
    r.model,
    w.score_type,
    w.hookpoint,
    w.latent_idx,
    w.firing_count,
    cast(w.firing_count as double) / nullif(r.n_tokens, 0) as firing_rate,
    ntile(10) over (
        partition by w.run_id, w.score_type
        order by w.firing_count asc, w.hookpoint asc, w.latent_idx asc
    ) as decile,
    ratio_of(accuracy_parts(c.tp, c.fp, c.tn, c.fn)) as accuracy,
    ratio_of(f1_parts(c.tp, c.fp, c.fn)) as f1
from latent_firing_counts w
join behind_the_views.latent_confusion c using (run_id, score_type, hookpoint, latent_idx)
join runs r using (run_id)
where w.firing_count is not null;
