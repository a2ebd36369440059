-- stats_facts: Totals of explainer_stats.json and <score type>_stats.json.
-- One row per stats file version and key of the file.
-- As everywhere: file_id
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
