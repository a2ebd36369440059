-- value_facts: Scores of which only the values are known: of SAEBench, Neuronpedia, or given with `loader scores`.
-- One row per value; several of a latent are those of several judges.
-- As everywhere: file_id
--   example_idx: place among the latent's, from 0
--   value: the score
create table if not exists value_facts (
    file_id bigint,
    example_idx bigint,
    value double
);

-- behind_the_views.value_measures: The mean of the scores that were given of a latent.
-- One row per score file version with a value.
-- Kept: no, since the loader keeps it in measure_facts
-- As everywhere: file_id
--   measure: score
--   quantile: null
--   a: the sum of the values
--   b: how many they are
create view behind_the_views.value_measures as
select
    file_id,
    'score' as measure,
    null as quantile,
    sum(cast(value as decimal(18, 12))) as a,
    count(*) as b
from main.value_facts
where value is not null
group by file_id;
