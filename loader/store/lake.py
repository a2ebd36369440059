"""Open a lake: Parquet files with a catalogue in PostgreSQL or in a file, by DuckDB's extension DuckLake.

One writer at a time: an advisory lock of PostgreSQL says who, or DuckDB's lock of the catalogue's file. If
PostgreSQL let go of the lock, a commit fails should another have come since its transaction began.
Readers wait for the second only, and take the newest snapshot that a writer has marked as whole.
"""

import os
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from explainer_warehouse.opening import Config, HeldError, explained, first_line, literal

from ..address import POSTGRES, Lake
from ..errors import LoaderError
from .extensions import are_packaged, load_extension
from .rows import Connection, transaction

_CONFIG: Config = {"autoload_known_extensions": False, "autoinstall_known_extensions": False}
# What DuckLake would do again on top of another's commit has ids that were taken before it.
_NO_RETRY = "set ducklake_max_retry_count = 0"
# What the lake is called once it is open.
NAME = "lake"
# What PostgreSQL is called where it says whose turn it is.
_LOCKS = "locks"
# What a session of PostgreSQL is called that has its turn or waits for it.
_CALLED = "loader: "
_WHOLE = "whole"
_RETRY_SECONDS = 0.1
# Reads and writes what is in a store.
_HTTP = "httpfs"
_NEEDS_HTTP = f"requires the extension {_HTTP}"
# What DuckDB writes beside a file of its own.
_LOGS = ("", ".wal", ".wal.checkpoint", ".wal.recovery")
# Of the whole database: lakes that share one wait for each other.
_TRY_LOCK = "select pg_try_advisory_xact_lock(hashtextextended('explainer-warehouse', 0))"
# A session's name is what PostgreSQL shows to all of its users.
_CALL_SESSION = "select set_config('application_name', {}, true)"
_HOLDER = """
select application_name
from pg_locks
join pg_stat_activity using (pid)
where
    locktype = 'advisory'
    and granted
    and database = (select oid from pg_database where datname = current_database())
    and (classid::bigint << 32) | objid::bigint = hashtextextended('explainer-warehouse', 0)
"""
_IS_LAKE = "select type = 'ducklake' from duckdb_databases() where database_name = current_database()"
# In microseconds: DuckDB makes a time with a zone by a package that need not be there.
_SNAPSHOTS = f"""
select
    snapshot_id,
    epoch_us(snapshot_time)
from ducklake_snapshots('{NAME}')
where
    commit_message = '{_WHOLE}'
    and ($number is null or snapshot_id <= $number)
    and ($written_us is null or epoch_us(snapshot_time) <= $written_us)
order by snapshot_id desc
limit 1
"""


class LakeError(LoaderError):
    """Say what is wrong with a lake, what was wanted and what to do."""


class NoLakeError(LakeError):
    """Say that there is no lake at an address."""


class Snapshot(NamedTuple):
    """Hold a state of a lake that is whole: its number and its time, in microseconds since 1970."""

    number: int
    written_us: int


class AsOf(NamedTuple):
    """Hold the last snapshot that is wanted, by its number or by the time; None for the newest."""

    number: int | None = None
    written_us: int | None = None


NEWEST = AsOf()


@contextmanager
def writing_lake(
    lake: Lake, config: Config, wait_s: float, must_exist: bool, reached: Sequence[Path] = ()
) -> Iterator[Connection]:
    """Open a lake as its only writer, made if there is none unless it `must_exist`. Raises LakeError.

    reached: DuckDB files that statements may attach
    """
    deadline = time.monotonic() + wait_s
    with (
        closing(_connected(lake, config)) as connection,
        # Before the lake is looked at: two that make it at once would stand in each other's way.
        _turn(connection, lake, deadline, wait_s) if lake.is_served else nullcontext(),
    ):
        _attach(connection, lake, deadline, wait_s, make=not must_exist, reached=reached)
        connection.execute(_NO_RETRY)
        yield connection


@contextmanager
def reading_lake(
    lake: Lake, wait_s: float, as_of: int | None = None, reached: Sequence[Path] = ()
) -> Iterator[Connection]:
    """Open a lake so that nothing can change it, as it is or as it was at a snapshot. Raises LakeError.

    reached: DuckDB files that statements may attach
    """
    with closing(_connected(lake, {})) as connection:
        deadline = time.monotonic() + wait_s
        _attach(connection, lake, deadline, wait_s, read_only=True, as_of=as_of, reached=reached)
        try:
            yield connection
        except duckdb.Error as error:
            raise LakeError(f"{lake}: {first_line(error)}") from error


def is_lake(connection: Connection) -> bool:
    """Tell whether a connection's warehouse is a lake."""
    [(found,)] = connection.execute(_IS_LAKE).fetchall()
    return bool(found)


@contextmanager
def whole(connection: Connection) -> Iterator[None]:
    """Commit what is done inside, or roll all of it back; of a lake, as a state for readers to take."""
    with transaction(connection):
        yield
        if is_lake(connection):
            connection.execute(f"call {NAME}.set_commit_message('explainer-warehouse', '{_WHOLE}')")


def at_once(connection: Connection) -> AbstractContextManager[None]:
    """Let all that is written inside come at once, or none of it, if it is a lake.

    A file has its own transactions meanwhile: what they wrote need not be done again after a kill.
    """
    return whole(connection) if is_lake(connection) else nullcontext()


def find_snapshot(connection: Connection, as_of: AsOf) -> Snapshot | None:
    """Return the last whole snapshot that is not after the one wanted."""
    found = connection.execute(_SNAPSHOTS, as_of._asdict()).fetchall()
    return Snapshot(*found[0]) if found else None


def data_path(connection: Connection) -> str:
    """Return where a lake's data are, with a stroke at the end."""
    path: str
    [(path,)] = connection.execute(
        f"select tags['data_path'] from duckdb_databases() where database_name = '{NAME}'"
    ).fetchall()
    return path


def _connected(lake: Lake, config: Config) -> Connection:
    """Return a connection of DuckDB that can open a lake."""
    extensions = ("postgres_scanner", "ducklake") if lake.is_served else ("ducklake",)
    # Who can change a package can change DuckDB itself, so that only of what is fetched a signature says
    # something; to check one takes a tenth of a second.
    checks: Config = {"allow_unsigned_extensions": are_packaged((*extensions, _HTTP))}
    connection = duckdb.connect(":memory:", config=_CONFIG | _spilling() | checks | config)
    try:
        for name in extensions:
            load_extension(connection, name)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _turn(connection: Connection, lake: Lake, deadline: float, wait_s: float) -> Iterator[None]:
    """Wait until no other loader writes, and keep others waiting."""
    # The lock lasts as long as a transaction: of a session, others may be the next to use it.
    with closing(connection.cursor()) as lock:
        try:
            served = literal(lake.catalogue.removeprefix(POSTGRES))
            lock.execute(f"attach {served} as {_LOCKS} (type postgres, read_only)")
            lock.begin()
            name = f"{_CALLED}process {os.getpid()} on {socket.gethostname()}"
            _served(lock, _CALL_SESSION.format(literal(name)))
        except duckdb.Error as error:
            raise _explained(lake, error) from error
        while not _takes_lock(lock):
            if time.monotonic() >= deadline:
                other = f"another loader{_holder(lock)}"
                raise LakeError(f"{lake}: {other} has been writing for {wait_s:g} s; wait longer with --wait")
            time.sleep(_RETRY_SECONDS)
        try:
            yield
        finally:
            # Where PostgreSQL was restarted there is no transaction any more; DuckDB ends the process if that
            # comes out when the cursor is closed.
            with suppress(duckdb.Error):
                lock.rollback()


def _attach(
    connection: Connection,
    lake: Lake,
    deadline: float,
    wait_s: float,
    *,
    read_only: bool = False,
    as_of: int | None = None,
    make: bool = False,
    reached: Sequence[Path] = (),
) -> None:
    """Open a lake on a connection that then reaches nothing but its catalogue and data."""
    if not lake.is_served and not make and not Path(lake.catalogue).exists():
        raise NoLakeError(f"{lake}: found no such lake; make it with `loader load RESULTS -w {lake}`")
    while True:
        try:
            _attach_with_data(connection, _attachment(lake, read_only, as_of, make))
            _close(connection, lake, read_only, reached)
            connection.execute(f"use {NAME}")
        except duckdb.Error as error:
            said = explained(error)
            if not isinstance(said, HeldError):
                raise _explained(lake, error) from error
            if time.monotonic() >= deadline:
                raise LakeError(
                    f"{lake}: its catalogue is {said} for {wait_s:g} s; wait longer with --wait"
                ) from error
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _attach_with_data(connection: Connection, attachment: str) -> None:
    """Attach a lake, wherever its data are."""
    try:
        connection.execute(attachment)
    # Its catalogue, which says that they are in a store such as S3, cannot be read before.
    except duckdb.Error as error:
        if _NEEDS_HTTP not in str(error):
            raise
        load_extension(connection, _HTTP)
        connection.execute(attachment)


def _attachment(lake: Lake, read_only: bool, as_of: int | None, make: bool) -> str:
    options = []
    if lake.data_path is not None:
        options.append(f"data_path {literal(lake.data_path)}")
    if read_only:
        options.append("read_only")
    if as_of is not None:
        options.append(f"snapshot_version {as_of}")
    if not make:
        options.append("create_if_not_exists false")
    given = f" ({', '.join(options)})" if options else ""
    return f"attach {literal(str(lake))} as {NAME}{given}"


def _close(connection: Connection, lake: Lake, read_only: bool, reached: Sequence[Path]) -> None:
    """Let statements reach the lake alone, so that a view that somebody put there reads no other file."""
    data = data_path(connection)
    if not read_only and "://" not in data:
        # DuckDB would make those above it, too, which are closed by then.
        Path(data).mkdir(parents=True, exist_ok=True)
    if "://" in data:
        # DuckDB reads them when they are asked for, and cannot once it is closed.
        connection.execute("from duckdb_secrets()")
    connection.execute(f"set allowed_directories = [{literal(data)}]")
    files = [*map(str, reached), *([] if lake.is_served else [lake.catalogue])]
    with_logs = [literal(f"{file}{log}") for file in files for log in _LOGS]
    connection.execute(f"set allowed_paths = [{', '.join(with_logs)}]")
    connection.execute("set enable_external_access = false")


def _spilling() -> Config:
    """Return where what has no room in memory goes: DuckDB would take the directory it runs in."""
    return {"temp_directory": str(Path(tempfile.gettempdir(), f"explainer-warehouse-{os.getpid()}"))}


def _explained(lake: Lake, error: duckdb.Error) -> LakeError:
    text = str(error)
    if "explicitly disabled" in text:
        return NoLakeError(
            f"{lake}: found no such lake; make it with"
            f" `loader load RESULTS -w '{lake}' --data-path DIRECTORY`"
        )
    if "data_path is not set" in text:
        return LakeError(f"{lake}: is a new lake, so say where its data are to be: --data-path DIRECTORY")
    if "does not match existing data path" in text:
        return LakeError(f"{lake}: {first_line(error)}; leave out --data-path, or copy the data there first")
    return LakeError(f"{lake}: could not be opened ({first_line(error)})")


def _takes_lock(lock: Connection) -> bool:
    [(taken,)] = _served(lock, _TRY_LOCK)
    return bool(taken)


def _holder(lock: Connection) -> str:
    """Say in brackets whose turn it is; nothing, if it has just ended."""
    return "".join(f" ({name.removeprefix(_CALLED)})" for (name,) in _served(lock, _HOLDER))


def _served(lock: Connection, query: str) -> list[tuple[Any, ...]]:
    """Ask PostgreSQL itself."""
    return lock.execute(f"from postgres_query('{_LOCKS}', {literal(query)})").fetchall()
