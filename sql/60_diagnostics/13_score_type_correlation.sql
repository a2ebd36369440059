-- score_type_correlation: Whether two scorers order the latents of a run alike: Spearman's rank correlation.
-- One row per run, pair of score types and measure (accuracy, f1).
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model
--   score_type_a: the score type whose name comes first
--   score_type_b: the other
--   measure: accuracy or f1
--   n_latents: latents where it is defined under both
--   rank_correlation: from -1 to 1, ties at their mean rank; null where one of the two is constant
create view score_type_correlation as
with pairs as (
    select
        run_id,
        run_name,
        run_label,
        model,
        score_type_a,
        score_type_b,
        measure,
        values.a as a,
        values.b as b
    from (
        select
            * exclude (accuracy_a, accuracy_b, f1_a, f1_b),
            {'a': accuracy_a, 'b': accuracy_b} as accuracy,
            {'a': f1_a, 'b': f1_b} as f1
        from score_type_agreement
    )
    unpivot (
        values for measure in (
            accuracy,
            f1
        )
    )
),
ranks as (
    select
        *,
        2 * rank() over (partition by run_id, score_type_a, score_type_b, measure order by a asc)
        + count(*) over (partition by run_id, score_type_a, score_type_b, measure, a) as rank_a,
        2 * rank() over (partition by run_id, score_type_a, score_type_b, measure order by b asc)
        + count(*) over (partition by run_id, score_type_a, score_type_b, measure, b) as rank_b
    from pairs
    where a is not null and b is not null
)
select
    run_id,
    any_value(run_name) as run_name,
    any_value(run_label) as run_label,
    any_value(model) as model,
    score_type_a,
    score_type_b,
    measure,
    count(*) as n_latents,
    correlation_of(rank_a, rank_b) as rank_correlation
from ranks
group by
    run_id,
    score_type_a,
    score_type_b,
    measure;
