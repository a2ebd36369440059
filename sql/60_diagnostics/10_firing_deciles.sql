-- firing_deciles: F1 by how often latents fire.
-- One row per run, score type and decile of the firing count.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   decile: 1 holds the tenth of the run's latents that fire least, 10 the one that fires most
--   n_latents: latents in it
--   firing_count_min: the least firing count in it
--   firing_count_max: the largest
--   firing_rate_min: the least firing rate in it
--   firing_rate_max: the largest
--   f1_macro: mean of the latents' F1, where it is defined
--   f1_macro_n_latents: latents where it is
create view firing_deciles as
select
    run_id,
    any_value(run_name) as run_name,
    any_value(run_label) as run_label,
    any_value(model) as model,
    score_type,
    decile,
    count(*) as n_latents,
    min(firing_count) as firing_count_min,
    max(firing_count) as firing_count_max,
    min(firing_rate) as firing_rate_min,
    max(firing_rate) as firing_rate_max,
    mean_of(f1) as f1_macro,
    count(f1) as f1_macro_n_latents
from firing_rate
group by
    run_id,
    score_type,
    decile;
