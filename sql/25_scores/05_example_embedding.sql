-- example_embedding_facts: The pairs of texts that were compared with examples of a latent, without an explanation.
-- One row per pair.
-- As everywhere: file_id
--   example_idx: place in the file, from 0
--   positive_text: an activating text
--   negative_text: another
--   quantile: of the activating text: 0 holds the strongest activations
--   negative_distance: as stored: of the other text
--   n_positive_examples: activating examples that each was compared with
--   n_negative_examples: other examples that each was compared with
--   positive_delta: how much more similar the activating text is to activating examples than to others
--   negative_delta: the same of the other text
create table if not exists example_embedding_facts (
    file_id bigint,
    example_idx bigint,
    positive_text varchar,
    negative_text varchar,
    quantile bigint,
    negative_distance double,
    n_positive_examples bigint,
    n_negative_examples bigint,
    positive_delta double,
    negative_delta double
);

-- behind_the_views.example_embedding_scores: What tells activating texts from others, for the area under the ROC curve.
-- One row per text of a pair.
-- Kept: no, since it has a row an example
-- As everywhere: file_id
--   is_positive: the text is activating
--   score: how much more similar it is to activating examples than to others
create view behind_the_views.example_embedding_scores as
select
    file_id,
    true as is_positive,
    positive_delta as score
from main.example_embedding_facts
union all
select
    file_id,
    false as is_positive,
    negative_delta as score
from main.example_embedding_facts;

-- behind_the_views.example_embedding_measures: How well similarity to examples tells activating texts from others.
-- One row per score file version.
-- Kept: no, since the loader keeps it in measure_facts
-- As everywhere: file_id
--   measure: auc: area under the ROC curve, ties counted half
--   quantile: null
--   a: its value
--   b: 1
create view behind_the_views.example_embedding_measures as
select *
from auc_by_file('behind_the_views.example_embedding_scores');
