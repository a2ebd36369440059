-- recall_by_quantile: Recall of the activating examples of each strength.
-- One row per run, score type and quantile of activation.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   quantile: 0 holds the strongest activations
--   n_examples: activating examples
--   n_valid: of these, with a prediction
--   tp: predicted activating
--   recall: tp / n_valid
--   recall_se: its standard error, clustered by latent
--   recall_low: lower end of its 95 % interval; null where every latent agrees or there is one alone
--   recall_high: upper end
--   recall_strict: tp / n_examples
--   n_latents: latents with such an example that has a prediction
create view recall_by_quantile as
with latents as (
    select
        file_id,
        try_cast(distance as bigint) as quantile,
        count(*) as n_examples,
        count(prediction) as n_valid,
        count(*) filter (prediction) as tp,
        {'a': tp, 'b': n_valid} as recall
    from example_facts
    where activating and distance = floor(distance) and quantile is not null
    group by all
),
sums as (
    select
        f.scorer,
        l.quantile,
        cast(sum(l.n_examples) as bigint) as n_examples,
        cast(sum(l.n_valid) as bigint) as n_valid,
        cast(sum(l.tp) as bigint) as tp,
        ratio_sums(l.recall) as recall
    from latents l
    join behind_the_views.score_files f using (file_id)
    group by
        f.scorer,
        l.quantile
),
estimates as (
    select * replace (ratio_estimate(recall) as recall)
    from sums
),
intervals as (
    select
        e.*,
        interval_of_ratio(e.recall, t.t) as interval
    from estimates e
    left join behind_the_views.student_t t on t.df = e.recall.df
)
select
    f.run_id,
    r.run_name,
    r.run_label,
    r.model,
    f.score_type,
    i.quantile,
    i.n_examples,
    i.n_valid,
    i.tp,
    i.recall.value as recall,
    standard_error_of(i.recall.squares, i.recall.n) as recall_se,
    i.interval.low as recall_low,
    i.interval.high as recall_high,
    cast(i.tp as double) / nullif(i.n_examples, 0) as recall_strict,
    i.recall.n as n_latents
from intervals i
join behind_the_views.score_files f on f.file_id = i.scorer
join runs r using (run_id);
