-- The loader keeps the answers of the views as tables in the schema kept, at the end of each load. A view of a warehouse
-- is then a choice, made whenever a query names it: the kept answer or, where that is not the one, its definition in
-- these files. Who writes to a table of 00_tables/ by hand, model_names apart, runs `loader refresh` afterwards.

-- 'due' from the first thing that a load writes; 'making' while the loader works the answers out, each from those before
-- it; then 'kept'. The loader makes it anew.
create macro if not exists state_of_answers() as
    'due';

create or replace macro answers_are_kept() as
    state_of_answers() = 'kept';

-- Whatever an answer depends on, but for model_names, as a text; the facts of a file version never change.
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

-- none of the list variables that views heed is set
create or replace macro nothing_is_selected() as
    getvariable('selected_runs') is null
    and getvariable('selected_score_types') is null
    and getvariable('same_latents') is null
    and getvariable('prices') is null;

-- of two queries the one to ask, where rows depend on what else is selected
create or replace macro answer_of(view_name, kept, definition) as
    case
        when state_of_answers() = 'making' then 'from kept.' || view_name
        when answers_are_kept() and nothing_is_selected() then kept
        else definition
    end;

-- the same where a row stays as it is, or goes
create or replace macro own_answer_of(view_name, kept, definition) as
    case
        when state_of_answers() = 'making' then 'from kept.' || view_name
        when answers_are_kept() then kept
        else definition
    end;
