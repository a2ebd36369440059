"""Open a warehouse file for writing, and say in one line why it cannot be opened."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ..errors import LoaderError

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # 1.5 tools open the file too.
    "storage_compatibility_version": "v1.5.0",
    # The default checkpoints between the load's transactions: 21.7 s where 4.5 are enough.
    "checkpoint_threshold": "1GB",
    # Else what was written stays in memory, up to most of the machine's.
    "memory_limit": "448MB",
    "autoinstall_known_extensions": False,
}
_RETRY_SECONDS = 0.1
_HOLDER = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")


class WarehouseError(LoaderError):
    """Say what is wrong with a warehouse file, what was wanted and what to do."""


def connect(
    path: Path, *, wait_s: float, read_only: bool = False, must_exist: bool = False
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, made if there is none unless it is to be read or `must_exist`.

    Waits up to `wait_s` seconds for another process that holds it. Raises WarehouseError.
    """
    if _find(path) is None and (read_only or must_exist):
        raise WarehouseError(f"{path}: found no such file, wanted a warehouse; make one with `loader load`")
    if _find(path.parent) is None:
        raise WarehouseError(f"{path}: found no directory {path.parent}; make it first")
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return duckdb.connect(path, read_only=read_only, config={} if read_only else CONFIG)
        except duckdb.IOException as error:
            holder = _HOLDER.search(str(error))
            if holder is None:
                raise WarehouseError(f"{path}: {_reason(error)}") from error
            if time.monotonic() >= deadline:
                raise WarehouseError(
                    f"{path}: held by {holder['program']} (process {holder['pid']}) for {wait_s:g} s; "
                    "end that first, or wait longer with --wait"
                ) from error
            time.sleep(_RETRY_SECONDS)
        except duckdb.Error as error:
            raise WarehouseError(f"{path}: {_reason(error)}") from error


def _find(path: Path) -> os.stat_result | None:
    """Return what the system says of a path, None if nothing is there."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise WarehouseError(
            f"{path}: could not be looked at ({error.strerror}); check the permissions of its directory"
        ) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure to write the file, on a full disk say, into a WarehouseError."""
    try:
        yield
    except (duckdb.OperationalError, duckdb.FatalException) as error:
        raise WarehouseError(
            f"{path}: could not be written ({_reason(error)}); what was written before is whole, "
            "so make room and do it again"
        ) from error


def _reason(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
