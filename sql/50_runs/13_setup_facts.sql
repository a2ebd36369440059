-- setup_facts: What the selected runs explained, with which models, judged how and on how much, in a few words.
-- One row per fact and value.
-- Kept: yes, unless selected_runs, selected_score_types
--   position: order of the facts
--   fact: subject model, sparse model, hookpoint, latents, explainer, scorer, score type, examples per prompt, negatives or tokens cached
--   value: its value as text; null of the runs that do not say
--   n_runs: runs of that value
create view setup_facts as
with latents as (
    select
        run_id,
        hookpoint,
        latent_idx
    from explanations
    union
    select
        run_id,
        hookpoint,
        latent_idx
    from behind_the_views.latent_confusion
    union
    select
        run_id,
        hookpoint,
        latent_idx
    from latent_scores
),
numbers as (
    select
        run_id,
        count(*) as n_latents
    from latents
    group by run_id
),
facts as (
    select
        r.run_id,
        unnest([
            {'position': 1, 'fact': 'subject model', 'value': r.subject_model},
            {'position': 2, 'fact': 'sparse model', 'value': r.sparse_model},
            {'position': 4, 'fact': 'latents', 'value': format('{:,}', n.n_latents)},
            {'position': 5, 'fact': 'explainer', 'value': r.explainer_model},
            {'position': 6, 'fact': 'scorer', 'value': r.scorer_model},
            {
                'position': 8,
                'fact': 'examples per prompt',
                'value': cast(r.num_examples_per_scorer_prompt as varchar)
            },
            {'position': 9, 'fact': 'negatives', 'value': r.non_activating_source},
            {'position': 10, 'fact': 'tokens cached', 'value': format('{:,}', r.n_tokens)}
        ], recursive := true)
    from runs r
    left join numbers n using (run_id)
    union all
    select distinct
        run_id,
        3 as position,
        'hookpoint' as fact,
        hookpoint as value
    from latents
    union all
    select
        run_id,
        7 as position,
        'score type' as fact,
        score_type as value
    from behind_the_views.scored_runs
)
select
    position,
    fact,
    value,
    count(*) as n_runs
from facts
group by
    position,
    fact,
    value;
