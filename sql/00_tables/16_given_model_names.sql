-- given_model_names: What the loader last wrote to model_names; a row that differs there is the user's.
-- One row per key.
--   key: as in model_names
--   name: the name the loader wrote
create table if not exists given_model_names (
    key varchar,
    name varchar
);
