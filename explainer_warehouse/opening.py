"""Open a DuckDB file so that it does no more than be read or written, and say why one does not open.

The file may be somebody else's: a view in it could read any file of ours into a report, and another program's
file would have DuckDB fetch an extension. Here nothing but the file itself is reached.
"""

import os
import re
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import duckdb

Config = dict[str, str | bool | int | float | list[str]]

_ACCESS = "enable_external_access"
_CLOSED: Config = {
    _ACCESS: False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
}
_HELD = "Could not set lock on file"
_HOLDER = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
_DAMAGED = ("Corrupt database file", "Could not read enough bytes")


class OpeningError(Exception):
    """Say what was found in place of a warehouse, what was wanted and what to do; not which file it is."""


class NoFileError(OpeningError):
    """Say that there is no such file."""


class HeldError(OpeningError):
    """Say that another process holds the file, and which."""


def open_file(
    path: Path,
    *,
    read_only: bool,
    must_exist: bool = False,
    config: Config | None = None,
    empty: Path | None = None,
    attached: Sequence[Path] = (),
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, made if there is none unless it is only to be read, or `must_exist`.

    empty: a file that a new one begins as a copy of, if there is such a file
    attached: other DuckDB files, which statements may attach where they write
    Statements that write reach no other file. Raises OpeningError.
    """
    is_there = _check(path, must_exist or read_only)
    if not is_there and empty is not None:
        _copy(empty, path)
    # To DuckDB, a whole path is no "~", no ":memory:" and no address.
    whole = str(path.absolute())
    try:
        return _connect(whole, read_only, config or {}, attached)
    except duckdb.Error as error:
        raise explained(error) from error
    except UnicodeEncodeError as error:
        raise OpeningError("found a name that is not UTF-8; rename it") from error


def explained(error: duckdb.Error) -> OpeningError:
    """Say what DuckDB's error means to who opens or reads a file."""
    text, first = str(error), first_line(error)
    if holder := _HOLDER.search(text):
        return HeldError(f"held by {holder['program']} (process {holder['pid']})")
    if _HELD in text:
        return HeldError("held by another program")
    if is_damage(error):
        return OpeningError(f"is damaged ({first}); take a copy of it, or load the results into a new file")
    return OpeningError(
        f"DuckDB {duckdb.__version__} could not do that ({first}); if another program or version made or "
        "changed the file, load the results into a new one"
    )


def is_damage(error: duckdb.Error) -> bool:
    """Tell whether DuckDB says that the file is damaged."""
    return any(said in str(error) for said in _DAMAGED)


def first_line(error: duckdb.Error) -> str:
    """Return the first line of what DuckDB says."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def _check(path: Path, must_exist: bool) -> bool:
    """Tell whether there is a file; raise OpeningError if it is none of ours, or none could be made."""
    if "?" in str(path.absolute()):
        raise OpeningError("found a path with ?, which DuckDB takes for the end of a name; rename it")
    status = _find(path)
    if status is None:
        if must_exist:
            raise NoFileError("found no such file, wanted a warehouse; make one with `loader load`")
        if _find(path.parent) is None:
            raise NoFileError(f"found no directory {path.parent}; make it first")
    elif not stat.S_ISREG(status.st_mode):
        # Opening a pipe would wait for its other end.
        kind = "directory" if stat.S_ISDIR(status.st_mode) else "pipe or device"
        raise OpeningError(f"found a {kind}, wanted a file")
    elif status.st_size and _start(path)[8:12] != b"DUCK":
        # DuckDB would look for who else can open it, and fetch that from the network.
        raise OpeningError(
            "found a file that is not a valid DuckDB database file, wanted a warehouse; give the file that "
            "`loader load` made"
        )
    return status is not None


def _copy(empty: Path, path: Path) -> None:
    """Make a file that is whole from the first, unless somebody else has made one."""
    made = path.with_name(f".{path.name}.{os.getpid()}")
    # What stands in the way of a copy or a link, DuckDB does without or names: it makes the file then.
    with suppress(OSError):
        try:
            shutil.copyfile(empty, made)
            os.link(made, path)
        finally:
            made.unlink(missing_ok=True)


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(12)
    except OSError as error:
        raise OpeningError(f"could not be read ({error.strerror}); check its permissions") from error


def _find(path: Path) -> os.stat_result | None:
    """Return what the system says of a path, None if nothing is there."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise OpeningError(
            f"could not be looked at ({error.strerror}); check its path and the permissions of its directory"
        ) from error


def _connect(
    path: str, read_only: bool, config: Config, attached: Sequence[Path]
) -> duckdb.DuckDBPyConnection:
    if not read_only:
        connection = duckdb.connect(path, config=config | _CLOSED | {_ACCESS: bool(attached)})
        if attached:
            # DuckDB takes such a list from the open, of a database that is not closed yet.
            reached = [f"{file.absolute()}{log}" for file in attached for log in ("", ".wal")]
            connection.execute(f"set allowed_paths = [{', '.join(map(literal, reached))}]")
            connection.execute(f"set {_ACCESS} = false")
        return connection
    # Without settings of our own, which who opens the file once more in this process would have to have too.
    connection = duckdb.connect(path, read_only=True)
    # Its bar, drawn if a query takes seconds, would go to stdout, which is for the answer. DuckDB refuses to
    # hear of it where there can be none, in a notebook say, and where the file is open and locked.
    [(has_bar, is_locked)] = connection.execute(
        "select current_setting('enable_progress_bar'), current_setting('lock_configuration')"
    ).fetchall()
    if has_bar and not is_locked:
        connection.execute("set enable_progress_bar = false")
    return connection


def close_to_others(connection: duckdb.DuckDBPyConnection, writes_to: Path | None = None) -> None:
    """Let statements reach nothing but the file that is open, and change no setting, for good.

    writes_to: a directory that they may write to
    """
    [(is_locked,)] = connection.execute("select current_setting('lock_configuration')").fetchall()
    if is_locked:
        return
    if writes_to is not None:
        connection.execute(f"set allowed_directories = [{literal(str(writes_to))}]")
    for name in _CLOSED:
        connection.execute(f"set {name} = false")
    connection.execute("set lock_configuration = true")


def literal(text: str) -> str:
    """Write a text as SQL."""
    return "'" + text.replace("'", "''") + "'"
