"""Merge warehouses that were loaded each on its own, by the jobs of a cluster say, into one."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb

from explainer_warehouse.opening import explained, literal

from .address import Address
from .errors import LoaderError
from .files.model_names import BUILT_IN, merge_names
from .find.names import name_runs
from .find.run_files import MISPLACED
from .metadata.merge import merge_metadata
from .store import runs as run_records
from .store.connect import reading, writing
from .store.files import shared_paths
from .store.lake import at_once, whole
from .store.merge import OTHER, bring_other
from .store.rows import Connection, transaction
from .views.build import apply_sql, current_info, is_current
from .views.keep import forget_rows, keep_rows
from .views.new import empty_warehouse
from .views.whole import check_is_whole


class MergeError(LoaderError):
    """Say which warehouse cannot be merged, why, and what to do."""


class Merged(NamedTuple):
    """Count what was merged: warehouses, the runs in them, files that were new here, and newer ones."""

    n_warehouses: int
    n_runs: int
    n_new: int
    n_newer: int


class Other(NamedTuple):
    """Hold what is known of a warehouse before it is merged: the names of its runs, by path."""

    path: Path
    names: Mapping[Path, str]


def merge(into: Address, paths: Sequence[Path], wait_s: float) -> Merged:
    """Bring what some warehouses hold into another, made if there is none; each in one transaction.

    All of them are looked at before anything is written. Raises MergeError and WarehouseError.
    """
    # In whatever order they are given.
    others = [_look_at(path, wait_s) for path in sorted({path.resolve() for path in paths})]
    if isinstance(into, Path) and into.resolve() in {other.path for other in others}:
        raise MergeError(f"{into}: found it among the warehouses to merge into it; leave it out")
    is_new = isinstance(into, Path) and not into.exists()
    empty = empty_warehouse(current_info()) if is_new else None
    attached = [other.path for other in others]
    with writing(into, wait_s=wait_s, empty=empty, attached=attached) as connection:
        if not is_current(connection):
            with at_once(connection):
                apply_sql(connection)
        names = _names(run_records.run_names(connection), others)
        n_new = n_newer = 0
        for other in others:
            with _attached(connection, other.path), whole(connection):
                forget_rows(connection)
                files = bring_other(connection, names)
                _merge_model_names(connection)
                merge_metadata(connection, OTHER)
                run_records.forget_scan_problems(connection, MISPLACED, shared_paths(connection))
            n_new += files.n_new
            n_newer += files.n_newer
        refusal = keep_rows(connection)
        # Of a lake it is told where rows are kept: in the copy that is read.
        if refusal is not None and isinstance(into, Path):
            with transaction(connection):
                run_records.report_not_kept(connection, into.resolve(), refusal)
    runs = {path for other in others for path in other.names}
    return Merged(len(others), len(runs), n_new, n_newer)


def _look_at(path: Path, wait_s: float) -> Other:
    """Check that a warehouse is whole and of this version; raises WarehouseError."""
    with reading(path, wait_s) as connection:
        check_is_whole(connection, path)
        return Other(path, run_records.run_names(connection))


@contextmanager
def _attached(connection: Connection, path: Path) -> Iterator[None]:
    """Attach a warehouse to be read."""
    try:
        connection.execute(f"attach {literal(str(path))} as {OTHER} (read_only)")
    except duckdb.Error as error:
        raise MergeError(f"{path}: {explained(error)}") from error
    yield
    connection.execute(f"detach {OTHER}")


def _names(ours: Mapping[Path, str], others: Sequence[Other]) -> dict[Path, str]:
    """Name the runs of the others: as they are called there or, if several are, as one load would."""
    called = {path: name for other in reversed(others) for path, name in other.names.items()}
    # A run that is here already keeps its name, and leaves that to nobody else.
    n_called = Counter(called.values())
    taken = {name for path, name in ours.items() if path not in called or name != called[path]}
    kept = {path: name for path, name in called.items() if n_called[name] == 1 and name not in taken}
    others_here = {path: name for path, name in ours.items() if path not in called}
    return {**kept, **name_runs(called.keys() - kept.keys(), {**others_here, **kept})}


def _merge_model_names(connection: Connection) -> None:
    """Take over the display names that were given in the other warehouse, and not in this one."""
    present, given = run_records.model_names(connection)
    their_present, their_given = run_records.model_names(connection, OTHER)
    wanted = {
        key: name
        for key, name in their_given.items()
        if name != BUILT_IN.get(key) and given.get(key) in (None, BUILT_IN.get(key))
    }
    edited = {
        key: name
        for key, name in their_present.items()
        if name != their_given.get(key) and present.get(key) == given.get(key)
    }
    present, given = merge_names(present, given, wanted)
    run_records.write_model_names(connection, {**present, **edited}, given)
