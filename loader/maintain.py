"""Keep a lake small and quick: merge its small files, forget old snapshots, delete what nobody needs."""

import time
from typing import NamedTuple

from explainer_warehouse.opening import literal

from .address import Lake
from .store.connect import writing
from .store.lake import NAME, NEWEST, AsOf, LakeError, data_path, find_snapshot, whole
from .store.rows import Connection
from .views.build import check_version

# Of what is no part of the lake any more, and may still be read, or none yet: others write without our lock.
GRACE = "1 day"
_DAY_US = 24 * 3600 * 1_000_000


class Maintained(NamedTuple):
    """Count data files and their bytes before and after, and the snapshots that were forgotten."""

    n_files_before: int
    n_bytes_before: int
    n_files: int
    n_bytes: int
    n_snapshots: int


def maintain(lake: Lake, keep_days: float, wait_s: float) -> Maintained:
    """Merge small files and forget what is older than so many days, as the lake's only writer.

    Each time of the days that are kept can still be asked for. Raises LakeError and WarehouseError.
    """
    with writing(lake, wait_s=wait_s, must_exist=True) as connection:
        check_version(connection)
        _check_is_whole(connection, lake)
        before = _data(connection)
        # Files that rows were deleted from are not merged before they are written anew.
        for step in ("rewrite_data_files('{}', delete_threshold => 0)", "merge_adjacent_files('{}')"):
            with whole(connection):
                connection.execute(f"call ducklake_{step.format(NAME)}")
        n_snapshots = _forget_snapshots(connection, time.time_ns() // 1000 - round(keep_days * _DAY_US))
        for clean in ("ducklake_cleanup_old_files", "ducklake_delete_orphaned_files"):
            connection.execute(f"call {clean}('{NAME}', older_than => now() - interval '{GRACE}')")
        return Maintained(*before, *_data(connection), n_snapshots)


def _check_is_whole(connection: Connection, lake: Lake) -> None:
    newest = find_snapshot(connection, NEWEST)
    [(current,)] = connection.execute(f"from ducklake_current_snapshot('{NAME}')").fetchall()
    if newest is None or newest.number != current:
        raise LakeError(f"{lake}: found a load that was not finished; load its results again, then do this")


def _data(connection: Connection) -> tuple[int, int]:
    pattern = f"{data_path(connection)}**"
    # A small lake has all of its rows in the catalogue, and read_blob takes no pattern that nothing fits.
    if not connection.execute("from glob(?) limit 1", [pattern]).fetchall():
        return 0, 0
    [(n_files, n_bytes)] = connection.execute(
        "select count(*), sum(size) from read_blob(?)", [pattern]
    ).fetchall()
    return n_files, n_bytes


def _forget_snapshots(connection: Connection, before_us: int) -> int:
    """Forget the snapshots before the last whole one that was there at a time; return how many were."""
    needed = find_snapshot(connection, AsOf(written_us=before_us))
    if needed is None:
        return 0
    rows = connection.execute(
        f"select snapshot_id from ducklake_snapshots({literal(NAME)}) where snapshot_id < ?", [needed.number]
    ).fetchall()
    if rows:
        listed = ", ".join(str(number) for (number,) in rows)
        connection.execute(f"call ducklake_expire_snapshots('{NAME}', versions => [{listed}])")
    return len(rows)
