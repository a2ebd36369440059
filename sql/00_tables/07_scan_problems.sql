-- scan_problems: What the walk over the result directories found and could not use, or found odd.
-- One row per place and problem; made again at each load for all that lies under the directories given to it.
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
