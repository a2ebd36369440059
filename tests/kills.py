"""Load in a process of its own that can be killed or denied room, and compare what a warehouse then holds."""

import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from loader.address import Address
from loader.intake import batch, parts, reader
from loader.load import Settings, load
from loader.merge import merge
from loader.store.connect import WarehouseError, connect

# A fork of a server that has everything imported: a load begins within milliseconds.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["kills", "loader.views.build"])

Held = dict[str, dict[str | None, list[str]]]


def load_in_steps(results: Path, warehouse: Address, max_bytes: int | None = None) -> None:
    """Load in many small transactions with checkpoints between them; no file may grow beyond `max_bytes`."""
    parts.PART_FILES = 4
    batch.ENOUGH_ROWS = 8
    reader.CHECKPOINT_BYTES = 40_000
    if max_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, max_bytes))
    try:
        load(warehouse, [results], Settings(wait_s=600))
    except WarehouseError as error:
        raise SystemExit(str(error)) from error


def load_and_kill(results: Path, warehouse: Address, after_s: float) -> bool:
    """Load, and kill -9 the process after so many seconds; tell whether it was still at work then."""
    return _kill(after_s, load_in_steps, results, warehouse)


def merge_and_kill(into: Path, warehouses: Sequence[Path], after_s: float) -> bool:
    """Merge, and kill -9 the process after so many seconds; tell whether it was still at work then."""
    return _kill(after_s, merge, into, warehouses, 10)


def _kill(after_s: float, work: Callable[..., Any], *arguments: Any) -> bool:
    process = _CONTEXT.Process(target=_tell_and_work, args=(began := _CONTEXT.Event(), work, *arguments))
    process.start()
    assert began.wait(60)
    process.join(after_s)
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


def load_with_room(results: Path, warehouse: Path, max_bytes: int | None) -> tuple[int | None, float]:
    """Load where no file may grow beyond `max_bytes`; return the exit code and the seconds it took."""
    process = _CONTEXT.Process(target=load_in_steps, args=(results, warehouse, max_bytes))
    began = time.monotonic()
    process.start()
    process.join()
    return process.exitcode, time.monotonic() - began


def _tell_and_work(began: Any, work: Callable[..., Any], *arguments: Any) -> None:
    began.set()
    work(*arguments)


def held(warehouse: Path) -> Held:
    """Return every table's rows by their file's path, sorted, without ids, loaded_at and old versions.

    The answers that are kept are among them.
    """
    # Opened for writing, as the next load will: what a killed process left behind is then taken in.
    with closing(connect(warehouse, wait_s=10)) as connection:
        tables = connection.execute(
            "select if(schema_name = 'main', '', schema_name || '.') || table_name from duckdb_tables()"
            " where not internal and (schema_name, table_name) <> ('behind_the_views', 'state')"
        ).fetchall()
        return {table: _by_path(connection, table) for (table,) in tables}


def _by_path(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str | None, list[str]]:
    columns = {row[0] for row in connection.execute(f"describe {table}").fetchall()}
    dropped = ", ".join(sorted(columns & {"file_id", "last_file_id", "loaded_at", "scorer"}))
    kept = f"t.* exclude ({dropped})" if dropped else "t.*"
    if "file_id" in columns:
        # Rows of no file stay, under None.
        versions = "select file_id, path, max(file_id) over (partition by path) as newest from source_files"
        rest = f"{table} t left join ({versions}) f using (file_id) where coalesce(file_id = newest, true)"
        query = f"select f.path, {kept} from {rest}"
    else:
        query = f"select {'t.path' if 'path' in columns else 'null'}, {kept} from {table} t"
    found: dict[str | None, list[str]] = {}
    for path, *row in connection.execute(query).fetchall():
        found.setdefault(path, []).append(repr(row))
    return {path: sorted(rows) for path, rows in found.items()}


def age(root: Path) -> None:
    """Give every file a modification time of long ago, so that size and time alone tell what has changed."""
    for path in root.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000), follow_symlinks=False)
