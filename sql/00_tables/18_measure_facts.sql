-- measure_facts: The measures of a latent under scorers that are no classifiers, as ratios; worked out in the load that wrote its examples.
-- One row per score file version, measure and quantile.
-- As everywhere: file_id, measure
--   quantile: of the examples that it is of, 0 the strongest; null for all
--   a: the numerator, to twelve decimals, so that sums of products stay exact and have no order
--   b: the denominator, a count; 1 for a measure that is no mean over examples
create table if not exists measure_facts (
    file_id bigint,
    measure varchar,
    quantile bigint,
    a decimal(18, 12),
    b bigint
);
