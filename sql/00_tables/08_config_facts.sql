-- config_facts: run_config.json, whole, with secrets redacted.
-- One row per file version.
-- As everywhere: file_id
--   config: the JSON text
create table if not exists config_facts (
    file_id bigint,
    config varchar
);
