"""Write down what the load of each file wrote, and tell which files are not so any more.

Whoever gives a table another column or type works its checksums out again, in the step that upgrades.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from .files import fact_tables
from .rows import Connection, relation

# Of these, mtime_ns and loaded_at change; the other tables hold what was read from the file.
_NOT_READ = ("source_files", "file_problems", "file_checksums")
_SUMS = """
select
    file_id,
    '{table}' as relation,
    count(*) as n_rows,
    cast(checksum_of(hash(*columns(* exclude (file_id)))) as varchar) as checksum
from {table}
where {where}
group by file_id
"""
_WRITTEN = """
insert into file_checksums
select
    *,
    hash_probe()
from ({sums})
"""
# A row per file and table that is not as it was written.
_DIFFERENT = """
select
    r.run_name,
    s.path,
    relation,
    coalesce(w.n_rows, 0) as n_written,
    coalesce(f.n_rows, 0) as n_found
from file_checksums w
full join ({sums}) f using (file_id, relation)
left join source_files s using (file_id)
left join run_directories r using (run_id)
where
    s.file_id is null
    or w.n_rows is distinct from f.n_rows
    or (w.checksum <> f.checksum and w.hashed_like = hash_probe())
order by
    s.path,
    file_id,
    relation
"""
_COUNTS = """
select
    count(distinct file_id),
    coalesce(sum(n_rows), 0),
    count(distinct file_id) filter (hashed_like <> hash_probe())
from file_checksums
"""


def note_checksums(connection: Connection, file_ids: Sequence[int]) -> None:
    """Write down what the tables hold of files that the caller's transaction has written."""
    if not file_ids:
        return
    with relation(connection, "summed", file_id=list(file_ids)):
        # The bounds let DuckDB pass over the rows of earlier batches.
        where = f"file_id between {min(file_ids)} and {max(file_ids)} and file_id in (from summed)"
        connection.execute(_WRITTEN.format(sums=_sums(where)))


def note_all_checksums(connection: Connection) -> None:
    """Write down what the tables hold of all files, unless something is written down already."""
    # Asked first: a statement that asks it of each table may see what it has itself written of another.
    [(n_written,)] = connection.execute("select count(*) from file_checksums").fetchall()
    if not n_written:
        connection.execute(_WRITTEN.format(sums=_sums("true")))


def count_checksums(connection: Connection) -> tuple[int, int, int]:
    """Count the files and rows that were written down, and the files whose DuckDB hashed otherwise."""
    [(n_files, n_rows, n_otherwise)] = connection.execute(_COUNTS).fetchall()
    return n_files, n_rows, n_otherwise


def different_files(connection: Connection) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return the columns and the rows of what is not as it was written, a row per file and table."""
    result = connection.execute(_DIFFERENT.format(sums=_sums("true")))
    return tuple(column[0] for column in result.description), result.fetchall()


def _sums(where: str) -> str:
    return "union all".join(_SUMS.format(table=table, where=where) for table in _read_tables())


@cache
def _read_tables() -> tuple[str, ...]:
    return tuple(table for table in fact_tables() if table not in _NOT_READ)
