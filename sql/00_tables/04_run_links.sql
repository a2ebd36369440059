-- run_links: Which files outside its directory serve a run; a cache that several runs share is stored once.
-- One row per run and place.
-- As everywhere: run_id
--   kind: firing_counts or explanation
--   path: the firing-count file, or the directory of explanation files
create table if not exists run_links (
    run_id varchar,
    kind varchar,
    path varchar
);
