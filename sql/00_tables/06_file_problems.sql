-- file_problems: What is wrong with a file, or odd about it.
-- One row per file version and problem.
-- As everywhere: file_id
--   kind: short name of the problem
--   severity: failed, unsupported or finding
--   detail: what was found and what was wanted
create table if not exists file_problems (
    file_id bigint,
    kind varchar,
    severity varchar,
    detail varchar
);
