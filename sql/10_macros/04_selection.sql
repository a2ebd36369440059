-- The loader keeps the rows of views in tables, at the end of each load. A view of a warehouse is then a choice, made
-- whenever a query names it: the kept rows or, if those are not the ones, its definition in these files. A header says
-- which variables make other rows, beside selected_hookpoints, which makes others of every view; all other filters take
-- kept rows or leave them. Who changes a table of 00_tables/ by
-- hand, model_names apart, runs `loader refresh` afterwards.

-- 'due' from the first thing that a load writes, 'kept' once the rows are worked out. The loader replaces it.
create macro if not exists state_of_rows() as
    'due';

create or replace macro rows_are_kept() as
    state_of_rows() = 'kept';

-- Of rows in whatever order, each given by its hash, which is hashed again: what DuckDB hashes last it adds to the rest by
-- exclusive or, so that a sum or an exclusive or of plain hashes is the same where values of the last column change places.
create or replace macro checksum_of(row_hash) as
    coalesce(sum(cast(hash(row_hash) as hugeint)), 0);

-- The hash of one value of each type that the tables have: another DuckDB may hash otherwise.
create or replace macro hash_probe() as
    cast(
        hash(true, cast(1 as integer), cast(2 as bigint), 'a text of more than twelve bytes')
        + cast(
            hash(cast(0.5 as double), [cast(0.5 as float)], [cast(3 as integer)], cast(0.25 as decimal(38, 18)))
            as hugeint
        )
        as varchar
    );

-- Whatever kept rows follow from, as a text: the tables of 00_tables/ that kept views read, but for model_names, whose
-- labels are joined when somebody asks, and for examples and firing counts, which are too many to be read for a change
-- by hand.
create or replace macro state_of_tables() as
    concat_ws(
        ' ',
        (select checksum_of(hash(t)) from run_directories t),
        (select checksum_of(hash(t)) from run_links t),
        (select checksum_of(hash(t)) from source_files t),
        (select checksum_of(hash(t)) from file_problems t),
        (select checksum_of(hash(t)) from scan_problems t),
        (select checksum_of(hash(t)) from candidate_facts t),
        (select checksum_of(hash(t)) from config_facts t),
        (select checksum_of(hash(t)) from count_facts t),
        (select checksum_of(hash(t)) from measure_facts t),
        (select checksum_of(hash(t)) from explanation_facts t),
        (select checksum_of(hash(t)) from stats_facts t),
        (select checksum_of(hash(t)) from timing_facts t)
    );

-- whether all pairs of runs are compared, or the rows are of some; the loader replaces it
create macro if not exists all_are_compared() as
    true;

create or replace macro is_selected_run(run_id) as
    getvariable('selected_runs') is null or list_contains(getvariable('selected_runs'), run_id);

create or replace macro is_selected_score_type(score_type) as
    getvariable('selected_score_types') is null
    or score_type is null
    or list_contains(getvariable('selected_score_types'), score_type);

create or replace macro is_selected_hookpoint(hookpoint) as
    getvariable('selected_hookpoints') is null
    or hookpoint is null
    or list_contains(getvariable('selected_hookpoints'), hookpoint);

-- whether the list variable controls has a GLOB that matches a run's name: its explanations are random or shuffled
create or replace macro is_control(run_name) as
    coalesce(
        len(list_filter(cast(getvariable('controls') as varchar[]), lambda pattern: run_name glob pattern)) > 0,
        false
    );

-- the one of two queries to ask; `is_other`: a variable is set that makes other rows than those kept. While the loader
-- works the rows out, each view's from those of the views before it, its connections take them as they are.
create or replace macro rows_of(kept_in, is_other, kept, definition) as
    case
        when getvariable('takes_tables') then 'from ' || kept_in
        when rows_are_kept() and getvariable('selected_hookpoints') is null and not is_other then kept
        else definition
    end;
