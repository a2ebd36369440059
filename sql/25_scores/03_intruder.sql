-- intruder_facts: The sets of texts in which intruder scorers looked for the one that does not belong.
-- One row per set.
-- As everywhere: file_id
--   example_idx: place in the file, from 0
--   interpretation: what the scorer wrote before its answer
--   texts: the texts, active tokens between << and >>; null where the scorer failed
--   intruder_idx: the place of the one that does not belong, from 0; null where the scorer failed
--   prediction: the place that the scorer named; null where it failed
--   quantile: of the texts that belong: 0 holds the strongest activations
--   intruder_distance: as stored: of the one that does not belong
create table if not exists intruder_facts (
    file_id bigint,
    example_idx bigint,
    interpretation varchar,
    texts varchar[],
    intruder_idx bigint,
    prediction bigint,
    quantile bigint,
    intruder_distance double
);

-- behind_the_views.intruder_measures: How often intruders were found.
-- One row per score file version, measure and quantile with a denominator.
-- Kept: no, since the loader keeps it in measure_facts
-- As everywhere: file_id
--   measure: accuracy (of the answers, the share that is right), accuracy_strict (a failure is wrong) or chance (what guessing would have as accuracy: one in so many texts)
--   quantile: of the texts that belong; null for all
--   a: the numerator
--   b: the denominator, a number of sets
create view behind_the_views.intruder_measures as
with sets as (
    select
        file_id,
        quantile,
        prediction = intruder_idx as is_right,
        cast(cast(1 as double) / len(texts) as decimal(18, 12)) as chance
    from main.intruder_facts
    where quantile is not null
    union all
    select
        file_id,
        null as quantile,
        prediction = intruder_idx as is_right,
        cast(cast(1 as double) / len(texts) as decimal(18, 12)) as chance
    from main.intruder_facts
),
sums as (
    select
        file_id,
        quantile,
        count(*) filter (is_right) as n_right,
        count(is_right) as n_answered,
        count(*) as n_sets,
        sum(chance) as chance
    from sets
    group by
        file_id,
        quantile
)
select
    file_id,
    'accuracy' as measure,
    quantile,
    n_right as a,
    n_answered as b
from sums
where n_answered > 0
union all
select
    file_id,
    'chance' as measure,
    quantile,
    chance as a,
    n_answered as b
from sums
where n_answered > 0
union all
select
    file_id,
    'accuracy_strict' as measure,
    quantile,
    n_right as a,
    n_sets as b
from sums
-- a failed set tells no quantile
where quantile is null;
