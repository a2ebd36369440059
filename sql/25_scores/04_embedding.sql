-- embedding_facts: The texts that embedding scorers compared with the explanation.
-- One row per example.
-- As everywhere: file_id
--   example_idx: place in the file, from 0
--   text: the text
--   distance: as stored: quantile, when activating; else negative
--   similarity: of text and explanation
create table if not exists embedding_facts (
    file_id bigint,
    example_idx bigint,
    text varchar,
    distance double,
    similarity double
);

-- behind_the_views.embedding_scores: What tells activating texts from others, for the area under the ROC curve.
-- One row per example.
-- Kept: no, since it has a row an example
-- As everywhere: file_id
--   is_positive: the text is activating
--   score: its similarity to the explanation
create view behind_the_views.embedding_scores as
select
    file_id,
    distance >= 0 as is_positive,
    similarity as score
from main.embedding_facts;

-- behind_the_views.embedding_measures: How well similarity to the explanation tells activating texts from others.
-- One row per score file version with both kinds of texts.
-- Kept: no, since the loader keeps it in measure_facts
-- As everywhere: file_id
--   measure: auc: area under the ROC curve, ties counted half
--   quantile: null
--   a: its value
--   b: 1
create view behind_the_views.embedding_measures as
select *
from auc_by_file('behind_the_views.embedding_scores');
