-- metadata_sources: What users brought with `loader metadata`; the rows stand in the schema metadata, joined to runs in runs_enriched.
-- One row per table of the schema metadata.
--   name: the table's name
--   key_column: its column that says which run a row is of
--   joined_by: run (its name, path, id, directory or label), or the column of runs that the key is
--   path: the file or store that it was read from
--   n_rows: rows read
--   loaded_at: when, UTC
create table if not exists metadata_sources (
    name varchar,
    key_column varchar,
    joined_by varchar,
    path varchar,
    n_rows bigint,
    loaded_at timestamp
);
