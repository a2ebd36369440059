"""Bring two states of a warehouse together, as runs of one in memory, whose views can compare them."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from explainer_warehouse.opening import OpeningError, close_to_others, open_file
from explainer_warehouse.versions import mismatch
from loader.views.build import apply_sql
from reports.warehouse import literal

# More than any warehouse has files: ids of the new state begin here.
_OFFSET = 1_000_000_000_000
_FILES = "file_id, run_id, path, score_type, hookpoint, latent_idx, content_hash, status"
_FACTS = ("count_facts", "measure_facts", "candidate_facts")
_NOW = f"""
create or replace temporary view {{side}}_files as
select {_FILES}, kind
from {{database}}.source_files
where kind in ('score', 'config')
qualify file_id = max(file_id) over (partition by path);
"""
# Of configs there is one state.
_THEN = f"""
create or replace temporary view old_files as
with known as (
    select {_FILES}, kind from {{database}}.source_files where kind in ('score', 'config')
    union all
    select {_FILES}, 'score' as kind from {{database}}.past_files
)
from known
where file_id <= {{last}} or kind = 'config'
qualify file_id = max(file_id) over (partition by path);
"""
_FACTS_OF_NOW = "{database}.{table}"
_FACTS_OF_THEN = "(from {database}.{table} union all from {database}.past_{table})"
_COPY_OF_FACTS = """
insert into {table} by name
select * replace (file_id + {offset} as file_id)
from {source}
semi join {side}_files using (file_id);
"""
_COPY = """
insert into run_directories by name
select
    '{side}:' || run_id as run_id,
    run_name || ' ({side})' as run_name,
    '{side}:' || run_path as run_path,
    directory_name
from {database}.run_directories;
insert into source_files by name
select * replace (
    file_id + {offset} as file_id,
    '{side}:' || run_id as run_id,
    '{side}:' || path as path
)
from {side}_files
where status = 'loaded';
insert into config_facts
select file_id + {offset}, config
from {database}.config_facts
semi join {side}_files using (file_id);
"""
# Runs by id, else by name; score types of which not every file is as it was.
_CHANGED = """
with contents as (
    select
        run_id,
        score_type,
        md5(string_agg(concat_ws('|', hookpoint, latent_idx, content_hash), chr(10) order by all)) as content
    from current_files
    where kind = 'score'
    group by
        run_id,
        score_type
),
sides as (
    select
        starts_with(run_id, 'old:') as is_old,
        substr(run_id, 5) as own_id,
        regexp_replace(run_name, ' \\((old|new)\\)$', '') as own_name,
        run_id,
        score_type,
        content
    from run_directories
    join contents using (run_id)
),
keyed as (
    select
        *,
        case
            when count(distinct is_old) over (partition by own_id) = 2 then own_id
            else own_name
        end as key
    from sides
)
select
    coalesce(n.own_name, o.own_name) as run_name,
    score_type,
    o.run_id as old_id,
    n.run_id as new_id
from (from keyed where is_old) o
full join (from keyed where not is_old) n using (key, score_type)
where o.content is distinct from n.content
order by all
"""
_BEGINNING = """
select
    max(last_file_id) filter (loaded_at <= $time),
    min(loaded_at),
    list(distinct run_name order by run_name) filter (loaded_at > $time and event in ('prune', 'drop'))
from new_file.load_history
-- of this warehouse, not of one that was merged into it
where last_file_id is not null
"""


class DiffError(ValueError):
    """Say what cannot be compared, and why."""


class ChangedScores(NamedTuple):
    """Hold a run's scores of a type that are not what they were; an id is None where a state has none.

    score_type: None of a run that was dropped, of which no more than the name is known
    """

    run_name: str
    score_type: str | None
    old_id: str | None
    new_id: str | None


def bring_files(connection: duckdb.DuckDBPyConnection, old: Path, new: Path) -> list[ChangedScores]:
    """Bring two warehouses into one in memory; return the scores that changed. Raises DiffError."""
    apply_sql(connection)
    _attach(connection, {"old_file": old, "new_file": new})
    for side in ("old", "new"):
        connection.execute(_NOW.format(side=side, database=f"{side}_file"))
    return _copy(connection, "old_file")


def bring_times(connection: duckdb.DuckDBPyConnection, path: Path, time: datetime) -> list[ChangedScores]:
    """Bring a warehouse and what it was after its last load until a time, UTC, into one in memory.

    Returns the scores that changed. Raises DiffError.
    """
    apply_sql(connection)
    _attach(connection, {"new_file": path})
    [(last, first, dropped)] = connection.execute(_BEGINNING, {"time": time}).fetchall()
    if last is None:
        began = f"its history begins at {first:%Y-%m-%d %H:%M:%S} UTC" if first else "it has no history"
        raise DiffError(f"{path}: nothing is known of {time:%Y-%m-%d %H:%M:%S} UTC; {began}")
    connection.execute(_THEN.format(database="new_file", last=last))
    connection.execute(_NOW.format(side="new", database="new_file"))
    changed = _copy(connection, "new_file", _FACTS_OF_THEN)
    return [*(ChangedScores(name, None, None, None) for name in dropped or ()), *changed]


def _attach(connection: duckdb.DuckDBPyConnection, files: Mapping[str, Path]) -> None:
    """Attach warehouses by name, and reach nothing else from then on: a view in one may read other files."""
    for name, path in files.items():
        try:
            open_file(path, read_only=True, must_exist=True).close()
            connection.execute(f"attach {literal(str(path.absolute()))} as {name} (read_only)")
        except OpeningError as error:
            raise DiffError(f"{path}: {error}") from error
        except duckdb.Error as error:
            raise DiffError(f"{path}: {str(error).splitlines()[0]}") from error
    close_to_others(connection)
    for name, path in files.items():
        _check(connection, path, name)


def _check(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    try:
        info = dict(connection.execute(f"select key, value from {name}.warehouse_info").fetchall())
    except duckdb.CatalogException:
        info = {}
    except duckdb.Error as error:
        raise DiffError(f"{path}: {str(error).splitlines()[0]}") from error
    if wrong := mismatch(info):
        raise DiffError(f"{path}: {wrong}")
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = $name", {"name": name}
    ).fetchall()
    # A version between two releases can lack one.
    if missing := {*_FACTS, *(f"past_{table}" for table in _FACTS)} - {table for (table,) in tables}:
        raise DiffError(
            f"{path}: found no table {', '.join(sorted(missing))}; make it with `loader refresh -w {path}`"
        )


def _copy(
    connection: duckdb.DuckDBPyConnection, old: str, old_facts: str = _FACTS_OF_NOW
) -> list[ChangedScores]:
    for side, database, offset, facts in (
        ("old", old, 0, old_facts),
        ("new", "new_file", _OFFSET, _FACTS_OF_NOW),
    ):
        connection.execute(_COPY.format(side=side, database=database, offset=offset))
        for table in _FACTS:
            source = facts.format(database=database, table=table)
            connection.execute(_COPY_OF_FACTS.format(side=side, table=table, source=source, offset=offset))
    return [ChangedScores(*row) for row in connection.execute(_CHANGED).fetchall()]
