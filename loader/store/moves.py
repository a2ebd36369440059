"""Tell which runs have moved, and give what was read in one place to another, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..schema.headers import relations
from .files import clean_superseded
from .history import note_moved
from .rows import Connection, append, relation

LOADED_TWICE = "loaded twice"
RUN_GONE = "run gone"
# Scores and explanations of the runs in a relation. A file is its content and what it is of; the load that it
# came in gave larger ids than `after`.
_FILES = """
select
    file_id,
    coalesce(last_file_id, 0) as after,
    run_path,
    directory_name,
    concat_ws('/', content_hash, score_type, hookpoint, latent_idx, candidate_idx) as file
from current_files
join run_directories using (run_id)
asof left join (select distinct last_file_id from load_history) on file_id > last_file_id
where
    run_path in (select run_path from {runs})
    and kind in ('score', 'explanation')
    and status = 'loaded'
"""
# What has moved came in a later load than what is gone. Of many runs that hold the same file, one has it for
# its own: of the same directory name if there is one, the newest.
_COPIES = f"""
with gone_files as ({_FILES.format(runs="gone")}),
present_files as ({_FILES.format(runs="present")}),
of_a_name as (
    select
        file,
        directory_name,
        max(after) as after,
        arg_max(run_path, file_id) as run_path
    from present_files
    group by all
),
of_any as (
    select
        file,
        max(after) as after,
        arg_max(run_path, file_id) as run_path
    from present_files
    group by all
),
found as (
    select
        g.run_path as old,
        coalesce(n.run_path, a.run_path) as new,
        count(*) as n_shared
    from gone_files g
    left join of_a_name n
        on n.file = g.file and n.directory_name = g.directory_name and n.after >= g.file_id
    left join of_any a on a.file = g.file and a.after >= g.file_id
    group by all
)
select
    old,
    new,
    n_shared,
    n_files
from found
join (select run_path as old, count(*) as n_files from gone_files group by all) using (old)
where new is not null and 2 * n_shared > n_files
order by old asc
"""


class Copy(NamedTuple):
    """Say that a run has most of the scores and explanations of one that is gone: `n_shared` of `n_files`."""

    old: str
    new: str
    n_shared: int
    n_files: int

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing of what is gone is missing."""
        return self.n_shared == self.n_files


class Move(NamedTuple):
    """Hold a run that moves, with the name that it keeps."""

    old_id: str
    new_id: str
    old_path: str
    new_path: str
    run_name: str


def find_copies(connection: Connection, gone: Iterable[str], present: Iterable[str]) -> list[Copy]:
    """Return the runs, by path, that are gone and have most of their files in one that is present."""
    with (
        relation(connection, "gone", run_path=list(gone)),
        relation(connection, "present", run_path=list(present)),
    ):
        return [Copy(*row) for row in connection.execute(_COPIES).fetchall()]


def move_runs(connection: Connection, runs: Sequence[Move], old: str, new: str, marks: Sequence[str]) -> None:
    """Give runs, and all that was read at and below a path, to another one, in every table of the loader's.

    marks: what may follow the old path in that of a file
    What a load of the new place has read already is then a newer version of the same files.
    """
    within = """
    starts_with(path, $old)
    and (length(path) = length($old) or list_contains($marks, path[length($old) + 1]))
    """
    paths = {"old": old, "marks": list(marks)}
    columns = {
        table.name: {column.name for column in table.columns}
        for table in relations()
        if table.kind == "table"
    }
    with relation(
        connection, "moved", old_id=[run.old_id for run in runs], new_id=[run.new_id for run in runs]
    ):
        # What the next load says anew, if it is still so.
        connection.execute(f"delete from scan_problems where kind = '{RUN_GONE}' and {within}", paths)
        connection.execute(
            "delete from scan_problems where kind = ? and run_id in (select new_id from moved)",
            [LOADED_TWICE],
        )
        # Of what scans have made, that of the new place counts; of names, those that were given first.
        again = "select old_id from moved join run_directories on run_id = new_id"
        for table in ("run_links", "scan_problems"):
            connection.execute(f"delete from {table} where run_id in ({again})")
        connection.execute(
            "delete from run_directories where run_id in (select unnest([old_id, new_id]) from moved)"
        )
        for table, names in columns.items():
            if "run_id" in names:
                connection.execute(f"update {table} set run_id = new_id from moved where run_id = old_id")
            if "path" in names:
                connection.execute(
                    f"update {table} set path = $new || substr(path, length($old) + 1) where {within}",
                    {"new": new, **paths},
                )
        append(
            connection,
            "run_directories",
            [(run.new_id, run.run_name, run.new_path, run.new_path.rpartition("/")[2]) for run in runs],
        )
        note_moved(connection)
    clean_superseded(connection)
