-- timing_facts: Wall-clock seconds of timing.json and scoring_timing.json.
-- One row per timing file version and stage.
-- As everywhere: file_id
--   stage: explainer, scoring (all scorers together) or total
--   wall_time_s: seconds
create table if not exists timing_facts (
    file_id bigint,
    stage varchar,
    wall_time_s double
);
