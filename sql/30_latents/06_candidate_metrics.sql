-- candidate_metrics: The measures of each of several explanations of a latent (best of k); those of the used one are in latent_metrics or latent_scores too.
-- One row per run, score type, hookpoint, latent, candidate and measure with a value.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type, hookpoint, latent_idx
--   candidate_idx: which of the explanations, as in view explanations
--   is_used: views of latents and runs count this one
-- As everywhere: measure
--   value: its value
create view candidate_metrics as
with files as materialized (
    select
        run_id,
        score_type,
        hookpoint,
        latent_idx,
        candidate_idx,
        is_used,
        file_id
    from current_files
    where kind = 'score' and status = 'loaded' and candidate_idx is not null
),
measured as (
    unpivot (
        select
            file_id,
            unnest(measures)
        from (
            -- as a column, since what is unnested is planned for each of its fields
            select
                file_id,
                measures_of(c) as measures
            from count_facts c
            semi join files using (file_id)
        )
    )
    on columns(* exclude (file_id))
    into name measure value value
    union all
    select
        file_id,
        measure,
        a / b as value
    from measure_facts
    semi join files using (file_id)
    where quantile is null and b > 0
)
select
    f.run_id,
    r.run_name,
    r.run_label,
    r.model,
    f.score_type,
    f.hookpoint,
    f.latent_idx,
    f.candidate_idx,
    f.is_used,
    m.measure,
    m.value
from measured m
join files f using (file_id)
join runs r using (run_id);
