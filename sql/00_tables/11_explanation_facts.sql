-- explanation_facts: What the explainer wrote.
-- One row per explanation file version.
-- As everywhere: file_id
--   explanation: the text
create table if not exists explanation_facts (
    file_id bigint,
    explanation varchar
);
