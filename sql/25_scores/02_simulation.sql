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
-- Of each sequence what the whole is put together from, so that no list of all tokens is in memory; sums run over lists
-- in a fixed order, since a sum of floats depends on its order.
with tokens as (
    select
        file_id,
        sequence_idx,
        quantile,
        list_filter(
            list_zip(true_activations, expected_activations),
            lambda t: t[1] is not null and t[2] is not null
        ) as pairs
    from main.simulation_facts
),
columns as (
    select
        file_id,
        sequence_idx,
        quantile,
        list_transform(pairs, lambda t: t[1]) as x,
        list_transform(pairs, lambda t: t[2]) as y
    from tokens
    where len(pairs) > 0
),
centred as (
    select
        *,
        list_avg(x) as mean_true,
        list_avg(y) as mean_expected
    from columns
),
sequences as (
    select
        file_id,
        list(
            {
                'quantile': quantile,
                'n': len(x),
                'mean_true': mean_true,
                'mean_expected': mean_expected,
                'least_true': list_min(x),
                'most_true': list_max(x),
                'least_expected': list_min(y),
                'most_expected': list_max(y),
                'square_true': list_sum(list_transform(x, lambda t: (t - mean_true) ** 2)),
                'square_expected': list_sum(list_transform(y, lambda t: (t - mean_expected) ** 2)),
                'product': list_sum(
                    list_transform(list_zip(x, y), lambda t: (t[1] - mean_true) * (t[2] - mean_expected))
                )
            }
            order by sequence_idx asc
        ) as of_file
    from centred
    group by file_id
),
chosen as (
    select
        file_id,
        quantile,
        list_filter(of_file, lambda s: quantile is null or s.quantile = quantile) as parts
    from (
        select
            file_id,
            of_file,
            unnest(list_append(list_distinct(list_transform(of_file, lambda s: s.quantile)), null)) as quantile
        from sequences
    )
),
means as (
    select
        *,
        list_sum(list_transform(parts, lambda s: s.n * s.mean_true)) / list_sum(list_transform(parts, lambda s: s.n))
            as mean_true,
        list_sum(list_transform(parts, lambda s: s.n * s.mean_expected)) / list_sum(list_transform(parts, lambda s: s.n))
            as mean_expected
    from chosen
),
moments as (
    select
        file_id,
        quantile,
        list_sum(list_transform(parts, lambda s: s.square_true + s.n * (s.mean_true - mean_true) ** 2)) as square_true,
        list_sum(list_transform(parts, lambda s: s.square_expected + s.n * (s.mean_expected - mean_expected) ** 2))
            as square_expected,
        list_sum(
            list_transform(
                parts, lambda s: s.product + s.n * (s.mean_true - mean_true) * (s.mean_expected - mean_expected)
            )
        ) as product
    from means
    -- what is constant has squares that are 0 but for rounding
    where
        list_min(list_transform(parts, lambda s: s.least_true)) < list_max(list_transform(parts, lambda s: s.most_true))
        and list_min(list_transform(parts, lambda s: s.least_expected))
        < list_max(list_transform(parts, lambda s: s.most_expected))
)
select
    file_id,
    'correlation' as measure,
    quantile,
    cast(greatest(-1, least(1, product / sqrt(square_true) / sqrt(square_expected))) as decimal(18, 12)) as a,
    1 as b
from moments
where square_true > 0 and square_expected > 0;
