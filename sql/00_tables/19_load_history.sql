-- load_history: When something came into the warehouse, changed or went; a load that changes nothing is not among it.
-- One row per load and run.
--   load_id: whole number, larger for later loads
--   loaded_at: when it ended, UTC
--   event: load, merge, move, prune, drop or upgrade
--   run_id: the run; null for files that several runs may share
--   run_name: its name then
--   n_new: files that came
--   n_changed: files whose content changed
--   n_gone: files that went
--   last_file_id: the largest file_id after it; null for what happened in another warehouse, before that was merged
create table if not exists load_history (
    load_id bigint,
    loaded_at timestamp,
    event varchar,
    run_id varchar,
    run_name varchar,
    n_new bigint,
    n_changed bigint,
    n_gone bigint,
    last_file_id bigint
);
