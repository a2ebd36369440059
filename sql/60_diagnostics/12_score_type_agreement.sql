-- score_type_agreement: What two scorers say of one explanation.
-- One row per run, pair of score types, hookpoint and latent that both scored.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model
--   score_type_a: the score type whose name comes first
--   score_type_b: the other
-- As everywhere: hookpoint, latent_idx
--   accuracy_a: accuracy under the first
--   accuracy_b: accuracy under the other
--   f1_a: F1 under the first
--   f1_b: F1 under the other
create view score_type_agreement as
with latents as materialized (
    select
        run_id,
        score_type,
        hookpoint,
        latent_idx,
        ratio_of(accuracy_parts(tp, fp, tn, fn)) as accuracy,
        ratio_of(f1_parts(tp, fp, fn)) as f1
    from behind_the_views.latent_confusion
)
select
    a.run_id,
    r.run_name,
    r.run_label,
    r.model,
    a.score_type as score_type_a,
    b.score_type as score_type_b,
    a.hookpoint,
    a.latent_idx,
    a.accuracy as accuracy_a,
    b.accuracy as accuracy_b,
    a.f1 as f1_a,
    b.f1 as f1_b
from latents a
join latents b
    on b.run_id = a.run_id
    and b.hookpoint = a.hookpoint
    and b.latent_idx = a.latent_idx
    and b.score_type > a.score_type
join runs r on r.run_id = a.run_id;
