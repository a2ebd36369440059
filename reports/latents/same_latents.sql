-- Pairs of runs that are known to have the same latents.
select
    run_id_a,
    run_id_b
from latent_identity
where same_latents
