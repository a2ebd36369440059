-- example_facts: The examples of classifier scorers (fuzz, detection and the like).
-- One row per example.
-- As everywhere: file_id
--   example_idx: place in the file, from 0: prompt order
--   activating: the label: the latent is active somewhere in the text
--   prediction: the scorer's answer; null where it failed
--   probability: the scorer's probability of activating; null where unknown
--   correct: as stored in the file
--   distance: as stored: quantile, 0 the strongest, when activating; else -1 or minus the neighbour's distance
--   text: the tokens joined
--   token_lengths: characters (code points) of each token; null where the file has text only
--   activations: the latent's activation on each token; null where the file has text only, or needs the next column
--   wide_activations: the activations where one of them is not exact in 32 bits
create table if not exists example_facts (
    file_id bigint,
    example_idx integer,
    activating boolean,
    prediction boolean,
    probability double,
    correct boolean,
    distance double,
    text varchar,
    token_lengths integer[],
    activations float[],
    wide_activations double[]
);
