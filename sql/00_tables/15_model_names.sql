-- model_names: Display names. Edit it with SQL: your row beats --model-names, which beats the built-in.
-- One row per key.
--   key: a run directory's name, an explainer_model, or the last part of one; matched in that order
--   name: what reports call the model
create table if not exists model_names (
    key varchar,
    name varchar
);
