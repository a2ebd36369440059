-- The ready queries of a page that answers SQL: those of docs/sql.md, in its order, each below its title.

-- F1 of each model, with intervals
select
    model,
    value,
    low,
    high,
    n_latents
from run_measures
where score_type = 'fuzz' and measure = 'f1' and average = 'pooled'
order by value desc

-- All measures of one run, with what they mean
select
    m.measure,
    round(m.value, 3) as value,
    d.higher_is,
    d.meaning
from run_measures m
join measure_docs d using (measure)
where m.run_label = 'Qwen3-14B' and m.score_type = 'detection' and m.average = 'pooled'
order by m.measure

-- The three averages of one measure, never mixed
pivot (
    select
        model,
        average,
        round(value, 3) as value
    from run_measures
    where score_type = 'fuzz' and measure = 'f1'
)
on average
using first(value)
order by pooled desc

-- The ranking, and who is tied with the best
select
    rank,
    model,
    round(accuracy, 3) as accuracy,
    round(accuracy_low, 3) as low,
    round(accuracy_high, 3) as high,
    tied_with_best
from model_ranking
where score_type = 'fuzz'
order by rank

-- By how much two runs differ on the latents that both scored
select
    model_a,
    model_b,
    round(difference, 3) as difference,
    round(low, 3) as low,
    round(high, 3) as high,
    round(p_adjusted, 4) as p_adjusted
from model_comparison
where score_type = 'detection' and measure = 'accuracy'
order by abs(difference) desc
limit 5

-- Who is better than guessing
select
    model,
    score_type,
    round(balanced_accuracy, 3) as balanced_accuracy,
    against_chance
from chance
where policy = 'valid'
order by balanced_accuracy
limit 4

-- Precision if one text in a hundred activates the latent, and the order then
select
    rank,
    model,
    round(value, 3) as precision,
    round(low, 3) as low,
    round(high, 3) as high
from metrics_at_prevalence
where score_type = 'fuzz' and measure = 'precision' and prevalence = '0.01'
order by rank

-- The latents that nobody explains well
select
    hookpoint,
    latent_idx,
    round(max(f1), 3) as best_f1,
    count(distinct model) as n_models
from latent_metrics
where score_type = 'fuzz'
group by
    hookpoint,
    latent_idx
order by
    best_f1,
    hookpoint,
    latent_idx
limit 4

-- The latents on which two models differ most
select
    hookpoint,
    latent_idx,
    round(a.accuracy, 2) as gemma,
    round(b.accuracy, 2) as qwen
from latent_metrics a
join latent_metrics b using (score_type, hookpoint, latent_idx)
where a.model = 'Gemma-3-27B-IT' and b.model = 'Qwen3-14B' and score_type = 'detection'
order by
    abs(a.accuracy - b.accuracy) desc,
    hookpoint,
    latent_idx
limit 4

-- One hookpoint beside the other
select
    hookpoint,
    count(distinct latent_idx) as n_latents,
    round(avg(f1), 3) as f1_macro
from latent_metrics
where score_type = 'fuzz'
group by hookpoint
order by hookpoint

-- Whether latents that fire often are explained better
select
    decile,
    n_latents,
    firing_count_min,
    firing_count_max,
    round(f1_macro, 3) as f1_macro
from firing_deciles
where model = 'Qwen3-14B' and score_type = 'detection'
order by decile

-- Whether strong activations are recognised better than weak ones
select
    quantile,
    n_examples,
    round(recall, 3) as recall,
    round(recall_low, 3) as low,
    round(recall_high, 3) as high
from recall_by_quantile
where model = 'Gemma-3-12B-IT' and score_type = 'fuzz'
order by quantile

-- Where two scorers disagree about one explanation
select
    model,
    hookpoint,
    latent_idx,
    round(f1_a, 2) as detection,
    round(f1_b, 2) as fuzz
from score_type_agreement
where score_type_a = 'detection' and score_type_b = 'fuzz'
order by
    abs(f1_a - f1_b) desc,
    model,
    hookpoint,
    latent_idx
limit 4

-- What the models said of one latent
select
    model,
    explanation
from explanations
where hookpoint = 'layers.7.mlp' and latent_idx = 41
order by model

-- Explanations that name a word, with their scores
select
    e.model,
    e.latent_idx,
    e.explanation,
    round(m.f1, 2) as f1
from explanations e
join latent_metrics m using (run_id, hookpoint, latent_idx)
where e.explanation ilike '%month%' and m.score_type = 'fuzz'
order by
    m.f1 desc,
    e.model,
    e.latent_idx
limit 4

-- The examples of a latent that a scorer got wrong
select
    example_idx,
    activating,
    prediction,
    text
from examples
where
    model = 'Qwen3-14B'
    and score_type = 'fuzz'
    and hookpoint = 'layers.7.mlp'
    and latent_idx = 41
    and prediction != activating
order by example_idx
limit 4

-- Examples that every model got wrong
select
    hookpoint,
    latent_idx,
    any_value(text) as text,
    count(*) as n_models
from examples
where score_type = 'detection' and activating
group by
    hookpoint,
    latent_idx,
    example_idx
having count(*) filter (prediction) = 0 and count(*) = 5
order by
    hookpoint,
    latent_idx,
    example_idx
limit 4

-- Explainers that gave up
select
    model,
    count(*) filter (is_placeholder) as n_placeholders,
    count(*) as n_explanations
from explanations
group by model
order by
    n_placeholders desc,
    model

-- What a latent costs, and what one gets for it
select
    t.model,
    round(t.tokens_per_latent) as tokens_per_latent,
    round(m.value, 3) as balanced_accuracy
from token_usage t
join run_measures m using (run_id)
where t.stage = 'explainer' and m.score_type = 'fuzz' and m.name = 'balanced_accuracy'
order by t.tokens_per_latent

-- The runs that no other beats in both accuracy and tokens
select
    model,
    cost,
    round(value, 3) as accuracy
from pareto_frontier
where score_type = 'fuzz' and measure = 'accuracy' and stage = 'explainer' and cost_kind = 'tokens' and on_frontier
order by cost

-- Where the scorer failed to answer
select
    model,
    score_type,
    n_failed,
    n_examples,
    n_failed_prompts
from failure_summary
where n_failed > 0
order by n_failed desc

-- What is odd about the data
select
    worst,
    severity,
    run_label,
    finding
from data_quality
order by worst

-- In which settings the runs differ
select
    setting,
    run_label,
    value
from config_differences
order by
    setting,
    run_label
limit 5

-- With a table of your own
select
    m.model,
    e.gpu_hours,
    round(m.value, 3) as accuracy
from (values ('Qwen3-14B', 3.1), ('Qwen3-4B', 1.2)) e(model, gpu_hours)
join run_measures m using (model)
where m.name = 'accuracy' and m.score_type = 'detection'
order by e.gpu_hours

-- What loads brought
select
    event,
    run_name,
    n_new,
    n_changed,
    n_gone
from load_history
order by
    load_id desc,
    run_name
limit 3

-- Which column holds what you look for
select
    relation,
    column_name,
    description
from column_docs
where description ilike '%firing%' and relation not like 'behind%'
order by
    relation,
    position
limit 4
