-- What each run says of its latents.
select
    run_id,
    hookpoint,
    latent_idx,
    explanation,
    is_placeholder
from explanations
where is_used
order by
    run_id,
    hookpoint,
    latent_idx
