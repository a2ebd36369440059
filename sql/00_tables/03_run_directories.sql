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
