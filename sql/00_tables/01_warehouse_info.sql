-- warehouse_info: What wrote this warehouse.
-- One row per key.
--   key: schema_version, sql_hash (of the files that made the views) or loader_version
--   value: its value
create table if not exists warehouse_info (
    key varchar,
    value varchar
);
