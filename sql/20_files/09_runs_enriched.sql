-- behind_the_views.run_keys: What a run may be called by whoever brings data about it; what several runs are called is no key.
-- One row per key.
-- Kept: no, since labels follow model_names
--   key: a run's name, path, id, directory or label
-- As everywhere: run_id
--   precedence: 1 for its name, then path, id, directory and label
create view behind_the_views.run_keys as
with named as (
    select
        d.run_id,
        unnest([d.run_name, d.run_path, d.run_id, d.directory_name, l.run_label]) as key,
        unnest([1, 2, 3, 4, 5]) as precedence
    from main.run_directories d
    join behind_the_views.run_labels l using (run_id)
)
select
    key,
    run_id,
    precedence
from named
qualify
    precedence = min(precedence) over (partition by key)
    and count(*) over (partition by key, precedence) = 1;

-- runs_enriched: The runs with what users know of them: `loader metadata` adds each column of its tables as <table>_<column>.
-- One row per run.
-- Kept: no, since its columns follow what users bring
--   run_id: follows from the real path of the run's directory
--   run_name: the directory's name, lengthened by parents where two would be equal
-- As everywhere: run_label
--   run_path: real path of the directory
-- As everywhere: model
--   explainer_model: as the config says; null without a config
--   scorer_model: as the config says; upstream's configs name none and score with the explainer
--   judged_by: self (the scorer is the explainer), other, or unknown without a config
--   subject_model: the model whose latents are explained
--   sparse_model: the sparse autoencoder or transcoder
--   config: run_config.json, secrets redacted
--   num_examples_per_scorer_prompt: examples a scorer prompt holds; null where the config does not say
--   non_activating_source: where examples that do not activate come from (random, FAISS, neighbours)
--   n_tokens: tokens the latents were cached over
--   n_score_files: score files loaded
--   loaded_at: newest load of one of the run's files, UTC
create view runs_enriched as
from runs;
