-- runs: The runs, their models and settings. The list variable selected_runs narrows all views to those run_id; labels do not change.
-- One row per run.
--   run_id: follows from the real path of the run's directory
--   run_name: the directory's name, lengthened by parents where two would be equal
--   run_label: the model, with the run's name where several runs share the model
--   run_path: real path of the directory
--   model: display name of the explainer model
--   explainer_model: as the config says; null without a config
--   scorer_model: as the config says; upstream's configs name none and score with the explainer
--   subject_model: the model whose latents are explained
--   sparse_model: the sparse autoencoder or transcoder
--   config: run_config.json, secrets redacted
--   num_examples_per_scorer_prompt: examples a scorer prompt holds; null where the config does not say
--   non_activating_source: where examples that do not activate come from (random, FAISS, neighbours)
--   n_tokens: tokens the latents were cached over
--   n_score_files: score files loaded
--   loaded_at: newest load of one of the run's files, UTC
create view runs as
with configs as (
    select
        f.run_id,
        cast(c.config as json) as config
    from current_files f
    join config_facts c using (file_id)
    where f.status = 'loaded'
),
files as (
    select
        run_id,
        count(*) filter (kind = 'score' and status = 'loaded') as n_score_files,
        max(loaded_at) as loaded_at
    from current_files
    where run_id is not null
    group by run_id
),
identified as (
    select
        d.run_id,
        d.run_name,
        d.run_path,
        d.directory_name,
        c.config,
        c.config ->> '$.explainer_model' as explainer_model,
        regexp_extract(c.config ->> '$.explainer_model', '([^/]*)/*$', 1) as explainer_last_part,
        -- the two habits of naming directories after models that the field has
        regexp_replace(
            regexp_replace(d.directory_name, '_explanation_comparison$', ''),
            '^pythiaST_(.+)_random_baseline_quantiles(_thinking)?$', '\1'
        ) as directory_model
    from run_directories d
    left join configs c using (run_id)
),
-- two rows of one key must not double its runs
names as (
    select
        key,
        min(name) as name
    from model_names
    group by key
),
named as (
    select
        i.*,
        coalesce(
            by_directory.name,
            by_model.name,
            by_last_part.name,
            nullif(i.explainer_last_part, ''),
            i.directory_model
        ) as model
    from identified i
    left join names by_directory on by_directory.key = i.directory_name
    left join names by_model on by_model.key = i.explainer_model
    left join names by_last_part on by_last_part.key = i.explainer_last_part
)
select
    n.run_id,
    n.run_name,
    case
        when count(*) over (partition by n.model) = 1 then n.model
        else n.model || ' (' || n.run_name || ')'
    end as run_label,
    n.run_path,
    n.model,
    n.explainer_model,
    coalesce(n.config ->> '$.scorer_model', n.explainer_model) as scorer_model,
    n.config ->> '$.model' as subject_model,
    n.config ->> '$.sparse_model' as sparse_model,
    n.config,
    nullif(greatest(try_cast(n.config ->> '$.num_examples_per_scorer_prompt' as bigint), 0), 0)
        as num_examples_per_scorer_prompt,
    n.config ->> '$.constructor_cfg.non_activating_source' as non_activating_source,
    try_cast(n.config ->> '$.cache_cfg.n_tokens' as bigint) as n_tokens,
    coalesce(f.n_score_files, 0) as n_score_files,
    f.loaded_at
from named n
left join files f using (run_id)
qualify
    -- qualify, since a where clause would come before the labels are told apart
    getvariable('selected_runs') is null
    or list_contains(getvariable('selected_runs'), n.run_id);
