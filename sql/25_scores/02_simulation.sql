-- simulation_facts: The sequences whose activations simulation scorers predicted, each once.
-- One row per sequence.
-- As everywhere: file_id
--   sequence_idx: place among the file's sequences, from 0
--   quantile: of an activating sequence: 0 holds the strongest activations; null for another
--   text: the tokens joined
--   token_lengths: characters (code points) of each token
--   true_activations: of the latent, on each token; the scorer may have scaled them
--   expected_activations: what was simulated from the explanation, on each token
create table if not exists simulation_facts (
    file_id bigint,
    sequence_idx bigint,
    quantile bigint,
    text varchar,
    token_lengths integer[],
    true_activations double[],
    expected_activations double[]
);

-- behind_the_views.simulation_measures: How expected and true activations correlate over the tokens of a latent.
-- One row per score file version, measure and quantile, where neither is constant.
-- Kept: no, since the loader keeps it in measure_facts
-- As everywhere: file_id
--   measure: correlation: Pearson's, over the tokens of all sequences together
--   quantile: of the sequences; null for all, those that do not activate too
--   a: its value
--   b: 1
create view behind_the_views.simulation_measures as
with tokens as (
    select
        file_id,
        quantile,
        list_filter(
            flatten(list(list_zip(true_activations, expected_activations) order by sequence_idx)),
            lambda t: t[1] is not null and t[2] is not null
        ) as pairs
    from (
        select *
        from main.simulation_facts
        where quantile is not null
        union all
        select * replace (null as quantile)
        from main.simulation_facts
    )
    group by
        file_id,
        quantile
),
means as (
    select
        *,
        list_avg(list_transform(pairs, lambda t: t[1])) as mean_true,
        list_avg(list_transform(pairs, lambda t: t[2])) as mean_expected
    from tokens
),
moments as (
    select
        file_id,
        quantile,
        list_sum(list_transform(pairs, lambda t: (t[1] - mean_true) ** 2)) as square_true,
        list_sum(list_transform(pairs, lambda t: (t[2] - mean_expected) ** 2)) as square_expected,
        list_sum(list_transform(pairs, lambda t: (t[1] - mean_true) * (t[2] - mean_expected))) as product
    from means
)
select
    file_id,
    'correlation' as measure,
    quantile,
    cast(greatest(-1, least(1, product / sqrt(square_true) / sqrt(square_expected))) as decimal(18, 12)) as a,
    1 as b
from moments
where square_true > 0 and square_expected > 0;
