-- latent_scores: The measures of one latent under a scorer that is no classifier; latent_metrics has those of classifiers.
-- One row per run, score type, hookpoint, latent, measure and quantile; of a score type that has classifiers' files too, those alone count.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type, hookpoint, latent_idx
--   measure: name of the measure, as measure_docs explains it
--   quantile: of the examples that it is of, 0 the strongest; null for all
--   value: the measure
--   a: its numerator
--   b: its denominator, a count; 1 for a measure that is no mean over examples
--   content_hash: SHA-256 of the score file: equal ones are copies
create view latent_scores as
with classified as (
    select distinct
        run_id,
        score_type
    from behind_the_views.score_files
    semi join count_facts using (file_id)
)
select
    f.run_id,
    r.run_name,
    r.run_label,
    r.model,
    f.score_type,
    f.hookpoint,
    f.latent_idx,
    m.measure,
    m.quantile,
    m.a / m.b as value,
    m.a,
    m.b,
    f.content_hash
from measure_facts m
join behind_the_views.score_files f using (file_id)
join runs r using (run_id)
anti join classified using (run_id, score_type)
where m.b > 0;
