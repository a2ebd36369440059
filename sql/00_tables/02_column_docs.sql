-- column_docs: What every relation and column of the warehouse means; made from the comments of sql/.
-- One row per relation and column; the relation's own description has a null column_name.
--   relation: table or view, with its schema unless that is main
--   column_name: its column; null in the row that describes the relation
--   position: 0 for the relation, then the column's place
--   description: one sentence
create table if not exists column_docs (
    relation varchar,
    column_name varchar,
    position integer,
    description varchar
);
