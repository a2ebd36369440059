-- coverage_matrix: What of each latent every run has scored; a run's latents are those of any run at its hookpoints.
-- One row per run, score type, hookpoint and latent, also for what the run lacks.
-- Kept: no, since it has rows by the square of the runs where these share no latents
-- As everywhere: run_id, run_name, run_label, model
--   score_type: a score type that the run has
-- As everywhere: hookpoint, latent_idx
--   n_examples: all examples; null where not scored
--   n_valid: examples with a prediction; null where not scored
-- As everywhere: coverage
--   status: scored, partly failed, all failed or not scored
create view coverage_matrix as
with latents as materialized (
    select
        run_id,
        score_type,
        hookpoint,
        latent_idx,
        n_examples,
        n_valid
    from behind_the_views.latent_confusion
),
grid as (
    select
        s.run_id,
        s.score_type,
        s.hookpoint,
        l.latent_idx
    from (select distinct run_id, score_type, hookpoint from latents) s
    join (select distinct hookpoint, latent_idx from latents) l using (hookpoint)
)
select
    g.run_id,
    r.run_name,
    r.run_label,
    r.model,
    g.score_type,
    g.hookpoint,
    g.latent_idx,
    l.n_examples,
    l.n_valid,
    cast(l.n_valid as double) / nullif(l.n_examples, 0) as coverage,
    case
        when l.n_examples is null then 'not scored'
        when l.n_valid = l.n_examples then 'scored'
        when l.n_valid = 0 then 'all failed'
        else 'partly failed'
    end as status
from grid g
join runs r using (run_id)
left join latents l using (run_id, score_type, hookpoint, latent_idx);
