-- file_checksums: What the load of a file wrote, by which `loader verify` tells whether that is still there.
-- One row per file version and table that got rows of it.
-- As everywhere: file_id
--   relation: the table
--   n_rows: rows
--   checksum: checksum_of the hashes of its rows, without file_id and in no order
--   hashed_like: hash_probe() of the DuckDB that wrote it; checksums of one that hashes otherwise cannot be compared
create table if not exists file_checksums (
    file_id bigint,
    relation varchar,
    n_rows bigint,
    checksum varchar,
    hashed_like varchar
);
