"""Open a warehouse, wait for who holds it, and say in one line what is wrong with the file."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import duckdb

from explainer_warehouse.opening import (
    Config,
    HeldError,
    OpeningError,
    close_to_others,
    explained,
    first_line,
    is_damage,
    open_file,
)

from ..address import Address, Lake
from ..errors import LoaderError
from ..schema.headers import PLUMBING
from .lake import reading_lake, writing_lake
from .rows import Connection

CONFIG: Config = {
    # 1.5 tools open the file too.
    "storage_compatibility_version": "v1.5.0",
    # The default checkpoints between the load's transactions: 21.7 s where 4.5 are enough.
    "checkpoint_threshold": "1GB",
    # Else what was written stays in memory, up to most of the machine's.
    "memory_limit": "448MB",
}
# The others are of files.
_LAKE_CONFIG: Config = {"memory_limit": CONFIG["memory_limit"]}
_RETRY_SECONDS = 0.1


class WarehouseError(LoaderError):
    """Say what is wrong with a warehouse file, what was wanted and what to do."""


def connect(
    path: Path,
    *,
    wait_s: float,
    read_only: bool = False,
    must_exist: bool = False,
    empty: Path | None = None,
    attached: Sequence[Path] = (),
) -> duckdb.DuckDBPyConnection:
    """Open a warehouse, made if there is none unless it is to be read or `must_exist`.

    empty: a file that a new one begins as a copy of, if there is such a file
    attached: other warehouses, which statements that write may attach
    Waits up to `wait_s` seconds for another process that holds it. Raises WarehouseError.
    """
    if path.stem.lower() == PLUMBING:
        raise WarehouseError(f"{path}: the schema of its views' parts is called so; give it another name")
    config = None if read_only else CONFIG
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return open_file(
                path,
                read_only=read_only,
                must_exist=must_exist,
                config=config,
                empty=empty,
                attached=attached,
            )
        except HeldError as error:
            if time.monotonic() >= deadline:
                raise WarehouseError(
                    f"{path}: {error} for {wait_s:g} s; end that first, or wait longer with --wait"
                ) from error
            time.sleep(_RETRY_SECONDS)
        except OpeningError as error:
            raise WarehouseError(f"{path}: {error}") from error


@contextmanager
def reading(address: Address, wait_s: float, writes_to: Path | None = None) -> Iterator[Connection]:
    """Open a warehouse to read, so that it reaches no other file or network.

    writes_to: a directory that statements may write to, of a file
    What DuckDB says of a file that is damaged, or another program's, becomes a WarehouseError.
    """
    with ExitStack() as stack:
        if isinstance(address, Lake):
            connection = stack.enter_context(reading_lake(address, wait_s))
        else:
            connection = stack.enter_context(closing(connect(address, wait_s=wait_s, read_only=True)))
            close_to_others(connection, writes_to)
        try:
            yield connection
        except duckdb.Error as error:
            said = first_line(error) if isinstance(address, Lake) else explained(error)
            raise WarehouseError(f"{address}: {said}") from error


@contextmanager
def writing(
    address: Address,
    *,
    wait_s: float,
    must_exist: bool = False,
    empty: Path | None = None,
    attached: Sequence[Path] = (),
) -> Iterator[Connection]:
    """Open a warehouse to write, as `connect` opens a file.

    A failure to write, on a full disk say, becomes a WarehouseError.
    """
    with _failures(address), ExitStack() as stack:
        if isinstance(address, Lake):
            yield stack.enter_context(writing_lake(address, _LAKE_CONFIG, wait_s, must_exist, attached))
        else:
            opened = connect(address, wait_s=wait_s, must_exist=must_exist, empty=empty, attached=attached)
            yield stack.enter_context(closing(opened))


@contextmanager
def _failures(address: Address) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        if isinstance(address, Lake):
            left = "readers see what was whole before, so do it again"
        elif isinstance(error, (duckdb.OperationalError, duckdb.FatalException)) and not is_damage(error):
            left = "what was written before is whole, so make room and do it again"
        else:
            raise WarehouseError(f"{address}: {explained(error)}") from error
        raise WarehouseError(f"{address}: could not be written ({first_line(error)}); {left}") from error
