"""Bring what was read ahead into a warehouse of its own, which the caller has attached, to a lake."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..files.scores.families import FAMILIES
from .files import KnownFile, fact_tables
from .rows import Connection, relation

AHEAD = "ahead"

_FILES = f"""
insert into {AHEAD}.source_files by name
from source_files
where run_id is null or run_id in (select run_id from scanned)
qualify file_id = max(file_id) over (partition by path)
"""
_CONFIGS = f"""
insert into {AHEAD}.config_facts by name
from config_facts
where file_id in (select file_id from {AHEAD}.source_files)
"""
_LINKS = f"""
insert into {AHEAD}.run_links by name
from run_links
where run_id in (select run_id from scanned)
"""
_COUNTS = f"""
select
    count(distinct file_id) filter (status = 'loaded'),
    coalesce(sum(n_rows) filter (list_contains(?, relation)), 0)
from {AHEAD}.source_files
left join {AHEAD}.file_checksums using (file_id)
where file_id in (select read_id from brought)
"""
_CONFIRM = """
update source_files
set mtime_ns = confirmed.mtime_ns, loaded_at = make_timestamp(confirmed.loaded_us)
from confirmed
where source_files.file_id = confirmed.file_id
"""


class Ahead(NamedTuple):
    """Hold what was read ahead: where it is, what the lake knew of files then, and what is known since."""

    path: Path
    before: Mapping[str, KnownFile]
    read: Mapping[str, KnownFile]


def seed(connection: Connection, run_ids: Sequence[str]) -> None:
    """Copy from a lake what tells which files of some runs need be read, and where others are."""
    with relation(connection, "scanned", run_id=list(run_ids)):
        for statement in (_FILES, _CONFIGS, _LINKS):
            connection.execute(statement)


def bring_ahead(connection: Connection, read_ids: Mapping[int, int]) -> tuple[int, int]:
    """Bring files, the ids that they get -> those they have; count those that loaded, and their examples."""
    if not read_ids:
        return 0, 0
    with relation(connection, "brought", file_id=list(read_ids), read_id=list(read_ids.values())):
        for table in fact_tables():
            connection.execute(
                f"insert into {table} by name select read.* replace (brought.file_id as file_id)"
                f" from {AHEAD}.{table} read join brought on read_id = read.file_id"
            )
        examples = [family.table for family in FAMILIES]
        [(n_loaded, n_examples)] = connection.execute(_COUNTS, [examples]).fetchall()
    return n_loaded, n_examples


def confirm_ahead(connection: Connection, read: Mapping[int, KnownFile]) -> None:
    """Record that files were read, and found as they are here: id -> what was found."""
    if not read:
        return
    with relation(
        connection,
        "confirmed",
        file_id=list(read),
        mtime_ns=[file.mtime_ns for file in read.values()],
        loaded_us=[file.loaded_ns // 1000 for file in read.values()],
    ):
        connection.execute(_CONFIRM)
