-- On how many tokens each latent fires, as far as that is known.
select distinct
    run_id,
    hookpoint,
    latent_idx,
    firing_count
from latent_firing_counts
where firing_count is not null
