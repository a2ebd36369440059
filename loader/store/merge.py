"""Bring what another warehouse holds into this one; the caller attaches it, and holds the transaction.

Runs and files are told by their real paths. Of a file that both know, the version loaded last counts; what
only one of them knows stays.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from .files import clean_superseded, fact_tables, next_file_id
from .history import note_load
from .rows import Connection, append
from .runs import NOT_KEPT, forget_unused_files

OTHER = "other_warehouse"

_NEWEST = "(from {} qualify file_id = max(file_id) over (partition by path))"
_OURS, _THEIRS = _NEWEST.format("source_files"), _NEWEST.format(f"{OTHER}.source_files")
# Their versions that are not older than ours, and whether ours says the same.
_COMPARED = f"""
create or replace temp table compared as
select
    theirs.file_id,
    theirs.mtime_ns,
    theirs.loaded_at,
    ours.file_id as our_file_id,
    ours.status <> 'failed'
    and ours.run_id is not distinct from theirs.run_id
    and ours.kind = theirs.kind
    and ours.score_type is not distinct from theirs.score_type
    and ours.hookpoint is not distinct from theirs.hookpoint
    and ours.latent_idx is not distinct from theirs.latent_idx
    and ours.content_hash is not distinct from theirs.content_hash
    and ours.status = theirs.status as is_same
from {_THEIRS} theirs
left join {_OURS} ours using (path)
where ours.file_id is null or theirs.loaded_at > ours.loaded_at
"""
# Runs whose links and problems are as the other warehouse has them, since it loaded them last.
_NEWER_RUNS = f"""
create or replace temp table newer_runs as
select run_id
from {OTHER}.run_directories
left join (select run_id, max(loaded_at) as loaded_at from {_THEIRS} group by run_id) theirs using (run_id)
left join (select run_id, max(loaded_at) as loaded_at from {_OURS} group by run_id) ours using (run_id)
where
    run_id not in (select run_id from run_directories)
    or theirs.loaded_at > coalesce(ours.loaded_at, '-infinity')
"""
_BROUGHT = "select file_id from compared where our_file_id is null or not is_same"
_CONFIRMED = """
update source_files
set mtime_ns = compared.mtime_ns, loaded_at = compared.loaded_at
from compared
where source_files.file_id = our_file_id and is_same
"""
_LINKS = f"""
delete from run_links where run_id in (from newer_runs);
insert into run_links by name select * from {OTHER}.run_links where run_id in (from newer_runs);
"""
_PROBLEMS = f"""
delete from scan_problems where run_id in (from newer_runs) or kind = '{NOT_KEPT}';
insert into scan_problems by name
from (select * from {OTHER}.scan_problems where run_id is null or run_id in (from newer_runs))
except
from scan_problems;
"""
# Its file ids say nothing here: what it was at an earlier time cannot be gone back to.
_HISTORY = f"""
insert into load_history by name
select
    theirs.* replace (
        (select coalesce(max(load_id), 0) from load_history)
        + dense_rank() over (order by theirs.load_id asc) as load_id,
        null as last_file_id
    )
from {OTHER}.load_history theirs
anti join load_history ours
    on ours.loaded_at = theirs.loaded_at
    and ours.event = theirs.event
    and ours.run_id is not distinct from theirs.run_id
"""


class Files(NamedTuple):
    """Count files of another warehouse: those that were new here, and those newer than here."""

    n_new: int
    n_newer: int


def bring_other(connection: Connection, names: Mapping[Path, str]) -> Files:
    """Bring runs, files and history of the other warehouse; `names` are those that its runs get here."""
    connection.execute(_COMPARED)
    connection.execute(_NEWER_RUNS)
    _bring_runs(connection, names)
    # In their order, behind all of ours.
    first = next_file_id(connection)
    for table in fact_tables():
        connection.execute(
            f"insert into {table} by name select * replace (file_id + ? as file_id)"
            f" from {OTHER}.{table} where file_id in ({_BROUGHT})",
            [first],
        )
    connection.execute(_CONFIRMED)
    connection.execute(_LINKS)
    connection.execute(_PROBLEMS)
    connection.execute(_HISTORY)
    forget_unused_files(connection)
    note_load(connection, "merge")
    clean_superseded(connection)
    # A shared file that no run uses here has not stayed.
    [(n_new, n_newer)] = connection.execute(
        "select count(*) filter (our_file_id is null), count(our_file_id) from compared"
        " where file_id + ? in (select file_id from source_files)",
        [first],
    ).fetchall()
    for name in ("compared", "newer_runs"):
        connection.execute(f"drop table temp.{name}")
    return Files(n_new, n_newer)


def _bring_runs(connection: Connection, names: Mapping[Path, str]) -> None:
    rows = connection.execute(
        f"select run_id, run_path, directory_name from {OTHER}.run_directories"
        " anti join run_directories using (run_id) order by run_path"
    ).fetchall()
    append(
        connection,
        "run_directories",
        [(run_id, names[Path(path)], path, directory) for run_id, path, directory in rows],
    )
