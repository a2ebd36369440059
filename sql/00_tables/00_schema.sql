-- What people ask lies in the schema main: the loader's tables and the views. What these are made of, and the rows that the
-- loader keeps of them, lies here, under a name that no warehouse has: DuckDB takes a schema and an attached file of one
-- name for ambiguous. Everything here is called by its full name, and from here what is in main; macros, all of them in
-- main, are found from everywhere.
create schema if not exists behind_the_views;

-- behind_the_views.state: What the kept rows follow from.
-- One row per warehouse whose rows are kept.
--   of_tables: state_of_tables() when they were worked out
create or replace table behind_the_views.state (
    of_tables varchar
);
