"""Make a local copy of a lake as it was at a snapshot: a warehouse file like any other, its rows kept, too.

Readers ask that: a view is as fast as of a file, and what others write meanwhile changes nothing.
"""

import hashlib
import os
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

import duckdb

from explainer_warehouse.opening import literal

from .address import Address, Lake
from .schema.headers import relations
from .store import runs as run_records
from .store.connect import connect
from .store.lake import NAME, NEWEST, AsOf, LakeError, Snapshot, find_snapshot, reading_lake
from .store.rows import Connection, transaction
from .views.build import apply_sql, check_version, current_info, is_current
from .views.enrich import enrich, quoted
from .views.keep import keep_rows
from .views.new import empty_warehouse

# What this version writes itself.
_OWN = ("column_docs", "warehouse_info")
_COPY = "copy"
_UNUSED_S = 24 * 3600


def as_file(address: Address, wait_s: float, as_of: AsOf = NEWEST) -> Path:
    """Return a file to read a warehouse from: its own or, of a lake, a local copy, made if there is none yet.

    Raises LakeError and WarehouseError.
    """
    if isinstance(address, Path):
        return address
    snapshot = snapshot_of(address, wait_s, as_of)
    copy = _place(address, snapshot)
    if copy.exists():
        # That it is in use.
        os.utime(copy)
    else:
        _make(copy, address, snapshot, wait_s)
        _forget_unused(copy.parent)
    return copy


def snapshot_of(lake: Lake, wait_s: float, as_of: AsOf = NEWEST) -> Snapshot:
    """Return the last whole snapshot of a lake that is not after the one wanted; raises LakeError."""
    with reading_lake(lake, wait_s) as connection:
        snapshot = find_snapshot(connection, as_of)
    if snapshot is None:
        raise LakeError(
            f"{lake}: found no finished load"
            + (" that early" if as_of != NEWEST else "")
            + ", wanted one to read; see `loader load`"
        )
    return snapshot


def _place(lake: Lake, snapshot: Snapshot) -> Path:
    """Return where the copy of a snapshot lies; its name tells all that its contents follow from."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    named = repr((lake.catalogue, snapshot, duckdb.__version__, sorted(current_info().items())))
    digest = hashlib.sha256(named.encode()).hexdigest()
    return cache / "explainer-warehouse" / f"{digest[:24]}.duckdb"


def _make(copy: Path, lake: Lake, snapshot: Snapshot, wait_s: float) -> None:
    # Nobody else's business: explanations may be anything.
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = copy.with_name(f"{copy.stem}.{uuid4().hex}")
    try:
        with closing(connect(made, wait_s=0, empty=empty_warehouse(current_info()))) as connection:
            if not is_current(connection):
                apply_sql(connection)
        with reading_lake(lake, wait_s, snapshot.number, reached=[made]) as connection:
            check_version(connection)
            connection.execute(f"attach {literal(str(made))} as {_COPY}")
            # Each transaction of a lake asks its catalogue anew.
            with transaction(connection):
                copy_tables(connection, NAME, _COPY)
            connection.execute(f"detach {_COPY}")
        with closing(connect(made, wait_s=0)) as connection:
            with transaction(connection):
                enrich(connection)
            if (refusal := keep_rows(connection)) is not None:
                with transaction(connection):
                    run_records.report_not_kept(connection, copy, refusal)
        made.replace(copy)
    finally:
        made.unlink(missing_ok=True)
        made.with_name(f"{made.name}.wal").unlink(missing_ok=True)


def copy_tables(connection: Connection, origin: str, target: str) -> None:
    """Copy what one attached warehouse holds into another that is new, both of this schema version."""
    for name in our_tables():
        connection.execute(f"insert into {target}.main.{name} by name from {origin}.main.{name}")
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = 'metadata'",
        [origin],
    ).fetchall()
    connection.execute(f"create schema if not exists {target}.metadata")
    for (name,) in rows:
        table = f"metadata.{quoted(name)}"
        connection.execute(f"create table {target}.{table} as from {origin}.{table}")


def our_tables() -> Sequence[str]:
    """Return the tables that hold what was loaded and what users said of it."""
    return [
        relation.name
        for relation in relations()
        if relation.kind == "table" and "." not in relation.name and relation.name not in _OWN
    ]


def _forget_unused(directory: Path) -> None:
    """Delete the copies that nobody has asked for since yesterday, and what was left half made."""
    for file in directory.iterdir():
        # Others do the same.
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < time.time() - _UNUSED_S:
                file.unlink()
