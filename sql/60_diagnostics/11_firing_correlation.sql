-- The correlation of two columns of whole numbers, in exact sums, so that no order matters; null where one is constant.
create or replace macro correlation_of(x, y) as
    cast(count(*) * sum(x * y) - sum(x) * sum(y) as double)
    / nullif(
        sqrt(cast(count(*) * sum(x * x) - sum(x) * sum(x) as double))
        * sqrt(cast(count(*) * sum(y * y) - sum(y) * sum(y) as double)),
        0
    );

-- firing_correlation: Whether latents that fire more are explained better: Spearman's rank correlation of firing count and F1.
-- One row per run and score type with firing counts.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   n_latents: latents with a firing count and an F1
--   rank_correlation: from -1 to 1, ties at their mean rank; null where one of the two is constant
create view firing_correlation as
-- a rank among ties, doubled, is a whole number: twice the first of them, plus how many, less one
with ranks as (
    select
        run_id,
        run_name,
        run_label,
        model,
        score_type,
        2 * rank() over (partition by run_id, score_type order by firing_count asc)
        + count(*) over (partition by run_id, score_type, firing_count) as firing_rank,
        2 * rank() over (partition by run_id, score_type order by f1 asc)
        + count(*) over (partition by run_id, score_type, f1) as f1_rank
    from firing_rate
    where f1 is not null
)
select
    run_id,
    any_value(run_name) as run_name,
    any_value(run_label) as run_label,
    any_value(model) as model,
    score_type,
    count(*) as n_latents,
    correlation_of(firing_rank, f1_rank) as rank_correlation
from ranks
group by
    run_id,
    score_type;
