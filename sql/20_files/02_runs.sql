-- behind_the_views.run_configs: The runs as their directories and configs describe them, all of them.
-- One row per run.
-- Kept: all runs
--   run_id: follows from the real path of the run's directory
--   run_name: the directory's name, lengthened by parents where two would be equal
--   run_path: real path of the directory
--   directory_name: its last part
--   directory_model: what of it names the model, by the two habits that the field has
--   explainer_model: as the config says; null without a config
--   explainer_last_part: what follows its last slash
--   config: run_config.json, secrets redacted
create view behind_the_views.run_configs as
with configs as (
    select
        f.run_id,
        cast(c.config as json) as config
    from main.current_files f
    join main.config_facts c using (file_id)
    where f.status = 'loaded'
    -- an experiment of delphi's predecessor has the same one several times
    qualify f.path = min(f.path) over (partition by f.run_id)
)
select
    d.run_id,
    d.run_name,
    d.run_path,
    d.directory_name,
    regexp_replace(
        regexp_replace(d.directory_name, '_explanation_comparison$', ''),
        '^pythiaST_(.+)_random_baseline_quantiles(_thinking)?$', '\1'
    ) as directory_model,
    c.config ->> '$.explainer_model' as explainer_model,
    regexp_extract(c.config ->> '$.explainer_model', '([^/]*)/*$', 1) as explainer_last_part,
    c.config
from main.run_directories d
left join configs c using (run_id);

-- behind_the_views.run_labels: What reports call the runs, by the display names as they are now.
-- One row per run, selected or not.
-- Kept: no, since labels follow model_names
-- As everywhere: run_id, model, run_label
create view behind_the_views.run_labels as
-- two rows of one key must not double its runs
with names as (
    select map(list(key), list(name)) as name_of
    from (
        select
            key,
            min(name) as name
        from main.model_names
        where key is not null
        group by key
    )
),
named as (
    select
        s.run_id,
        s.run_name,
        coalesce(
            n.name_of[s.directory_name],
            n.name_of[s.explainer_model],
            n.name_of[s.explainer_last_part],
            nullif(s.explainer_last_part, ''),
            s.directory_model
        ) as model
    from behind_the_views.run_configs s
    cross join names n
)
select
    run_id,
    model,
    case
        when count(*) over (partition by model) = 1 then model
        else model || ' (' || run_name || ')'
    end as run_label
from named;

-- runs: The runs, their models and settings. The list variable selected_runs narrows all views to those run_id; labels do not change.
-- One row per run.
-- Kept: yes, unless selected_score_types
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
create view runs as
with files as (
    select
        run_id,
        count(*) filter (kind = 'score' and status = 'loaded') as n_score_files,
        max(loaded_at) as loaded_at
    from current_files
    where run_id is not null
    group by run_id
)
select
    s.run_id,
    s.run_name,
    l.run_label,
    s.run_path,
    l.model,
    s.explainer_model,
    coalesce(s.config ->> '$.scorer_model', s.explainer_model) as scorer_model,
    case
        when s.explainer_model is null then 'unknown'
        when coalesce(s.config ->> '$.scorer_model', s.explainer_model) = s.explainer_model then 'self'
        else 'other'
    end as judged_by,
    s.config ->> '$.model' as subject_model,
    s.config ->> '$.sparse_model' as sparse_model,
    s.config,
    nullif(greatest(try_cast(s.config ->> '$.num_examples_per_scorer_prompt' as bigint), 0), 0)
        as num_examples_per_scorer_prompt,
    s.config ->> '$.constructor_cfg.non_activating_source' as non_activating_source,
    try_cast(s.config ->> '$.cache_cfg.n_tokens' as bigint) as n_tokens,
    coalesce(f.n_score_files, 0) as n_score_files,
    f.loaded_at
from behind_the_views.run_configs s
join behind_the_views.run_labels l using (run_id)
left join files f using (run_id)
where
    getvariable('selected_runs') is null
    or list_contains(getvariable('selected_runs'), s.run_id);
