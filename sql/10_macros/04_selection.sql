-- The loader keeps the rows of views in tables, at the end of each load. A view of a warehouse is then a choice, made
-- whenever a query names it: the kept rows or, if those are not the ones, its definition in these files. A header says
-- which variables make other rows; all other filters take kept rows or leave them. Who changes a table of 00_tables/ by
-- hand, model_names apart, runs `loader refresh` afterwards.

-- 'due' from the first thing that a load writes; 'making' while the loader works the rows out, each view's from those
-- before it; then 'kept'. The loader replaces it.
create macro if not exists state_of_rows() as
    'due';

create or replace macro rows_are_kept() as
    state_of_rows() = 'kept';

-- Whatever rows depend on, but for model_names, as a text; the facts of a file version never change.
create or replace macro state_of_tables() as
    concat_ws(
        ' ',
        (select count(*) || ':' || coalesce(bit_xor(hash(f)), 0) from source_files f),
        (select count(*) || ':' || coalesce(bit_xor(hash(d)), 0) from run_directories d),
        (select count(*) || ':' || coalesce(bit_xor(hash(l)), 0) from run_links l),
        (select count(*) || ':' || coalesce(bit_xor(hash(p)), 0) from scan_problems p)
    );

create or replace macro is_selected_run(run_id) as
    getvariable('selected_runs') is null or list_contains(getvariable('selected_runs'), run_id);

create or replace macro is_selected_score_type(score_type) as
    getvariable('selected_score_types') is null
    or score_type is null
    or list_contains(getvariable('selected_score_types'), score_type);

-- the one of two queries to ask; `is_other`: a variable is set that makes other rows than those kept
create or replace macro rows_of(kept_in, is_other, kept, definition) as
    case
        when state_of_rows() = 'making' then 'from ' || kept_in
        when rows_are_kept() and not is_other then kept
        else definition
    end;
