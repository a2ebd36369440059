-- The tables that the loader writes. Facts are narrow: a row carries the id of the file it came from and its own
-- values; run, score type, hookpoint and latent stand once, with the file, and the views join them. A file that
-- changed gets a new, larger file_id; views read the newest and the loader cleans up behind.
-- No keys, sequences or generated columns: the tables keep to what DuckDB files and DuckLake both offer.

-- warehouse_info: What wrote this warehouse.
-- One row per key.
--   key: schema_version, sql_hash (of the files that made the views) or loader_version
--   value: its value
create table if not exists warehouse_info (
    key varchar,
    value varchar
);

-- column_docs: What every relation and column of the warehouse means; made from the comments of sql/.
-- One row per relation and column; the relation's own description has a null column_name.
--   relation: table or view
--   column_name: its column; null in the row that describes the relation
--   position: 0 for the relation, then the column's place
--   description: one sentence
create table if not exists column_docs (
    relation varchar,
    column_name varchar,
    position integer,
    description varchar
);

-- run_directories: The directories that are runs, and the name each was given once.
-- One row per run.
--   run_id: follows from the real path
--   run_name: the directory's name, lengthened by parents where two would be equal; kept once given
--   run_path: real path
--   directory_name: last part of the path
create table if not exists run_directories (
    run_id varchar,
    run_name varchar,
    run_path varchar,
    directory_name varchar
);

-- run_links: Which files outside its directory serve a run; a cache that several runs share is stored once.
-- One row per run and place.
--   run_id: the run
--   kind: firing_counts or explanation
--   path: the firing-count file, or the directory of explanation files
create table if not exists run_links (
    run_id varchar,
    kind varchar,
    path varchar
);

-- source_files: Every file the loader has seen in a run, by version.
-- One row per file and version; the largest file_id of a path is the present one.
--   file_id: whole number, larger for later versions
--   run_id: the run; null for a file that several runs may share
--   path: where the file lies
--   kind: config, score, explanation, stats, timing or firing_counts
--   score_type: of a score or stats file
--   hookpoint: of a score or explanation file, from its name
--   latent_idx: of a score or explanation file, from its name
--   size: bytes
--   mtime_ns: modification time, nanoseconds since 1970
--   content_hash: SHA-256 of the bytes, hexadecimal; null where they could not be read
--   status: loaded, failed, unsupported or gone
--   loaded_at: when this version was written, UTC
create table if not exists source_files (
    file_id bigint,
    run_id varchar,
    path varchar,
    kind varchar,
    score_type varchar,
    hookpoint varchar,
    latent_idx bigint,
    size bigint,
    mtime_ns bigint,
    content_hash varchar,
    status varchar,
    loaded_at timestamp
);

-- file_problems: What is wrong with a file, or odd about it.
-- One row per file version and problem.
--   file_id: the file version
--   kind: short name of the problem
--   severity: failed, unsupported or finding
--   detail: what was found and what was wanted
create table if not exists file_problems (
    file_id bigint,
    kind varchar,
    severity varchar,
    detail varchar
);

-- scan_problems: What the walk over the result directories found and could not use, or found odd.
-- One row per place and problem; made anew at each load for all that lies under the directories given to it.
--   run_id: the run it lies in, if any
--   path: the place
--   kind: short name of the problem
--   severity: failed, unsupported or finding
--   detail: what was found, what was wanted and what to do
create table if not exists scan_problems (
    run_id varchar,
    path varchar,
    kind varchar,
    severity varchar,
    detail varchar
);

-- config_facts: run_config.json, whole, with secrets redacted.
-- One row per file version.
--   file_id: the file version
--   config: the JSON text
create table if not exists config_facts (
    file_id bigint,
    config varchar
);

-- example_facts: The examples of classifier scorers (fuzz, detection and the like).
-- One row per example.
--   file_id: the file version
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

-- count_facts: What the measures of a latent are made of, counted once, in the load that wrote its examples.
-- One row per score file version.
--   file_id: the file version
--   tp: activating, predicted activating
--   fp: not activating, predicted activating
--   tn: not activating, predicted not activating
--   fn: activating, predicted not activating
--   n_failed: no prediction
--   n_failed_activating: no prediction, activating
--   n_correct_disagrees: stored correct is not (prediction = activating)
--   n_probability: has a probability
--   n_probability_activating: has a probability, activating
--   half_pairs: over pairs of one activating and one other example: 2 where the activating one has the larger probability, 1 where equal
--   squared_error: sum of (probability - activating)^2, a decimal so that its order does not matter
create table if not exists count_facts (
    file_id bigint,
    tp bigint,
    fp bigint,
    tn bigint,
    fn bigint,
    n_failed bigint,
    n_failed_activating bigint,
    n_correct_disagrees bigint,
    n_probability bigint,
    n_probability_activating bigint,
    half_pairs bigint,
    squared_error decimal(38, 18)
);

-- explanation_facts: What the explainer wrote.
-- One row per explanation file version.
--   file_id: the file version
--   explanation: the text
create table if not exists explanation_facts (
    file_id bigint,
    explanation varchar
);

-- stats_facts: Totals of explainer_stats.json and <score type>_stats.json.
-- One row per stats file version and key of the file.
--   file_id: the file version
--   key: explainer class or score type
--   total_time_s: sum of the latencies of all calls, seconds; null where not finite
--   prompt_tokens: null where the provider told none
--   completion_tokens: null where the provider told none
--   count: explainer: calls; scorer: examples
create table if not exists stats_facts (
    file_id bigint,
    key varchar,
    total_time_s double,
    prompt_tokens bigint,
    completion_tokens bigint,
    count bigint
);

-- timing_facts: Wall-clock seconds of timing.json and scoring_timing.json.
-- One row per timing file version and stage.
--   file_id: the file version
--   stage: explainer, scoring (all scorers together) or total
--   wall_time_s: seconds
create table if not exists timing_facts (
    file_id bigint,
    stage varchar,
    wall_time_s double
);

-- firing_facts: On how many tokens each latent was active.
-- One row per firing-count file version, hookpoint and latent.
--   file_id: the file version
--   hookpoint: the hookpoint
--   latent_idx: the latent
--   firing_count: tokens
create table if not exists firing_facts (
    file_id bigint,
    hookpoint varchar,
    latent_idx bigint,
    firing_count bigint
);

-- model_names: Display names. Edit it with SQL: your row beats --model-names, which beats the built-in.
-- One row per key.
--   key: a run directory's name, an explainer_model, or the last part of one; matched in that order
--   name: what reports call the model
create table if not exists model_names (
    key varchar,
    name varchar
);

-- given_model_names: What the loader last wrote to model_names; a row that differs there is the user's.
-- One row per key.
--   key: as in model_names
--   name: the name the loader wrote
create table if not exists given_model_names (
    key varchar,
    name varchar
);
