"""Copy a warehouse to where none is, between a file and a lake in either direction, and compare the two."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from explainer_warehouse.opening import literal

from .address import Address, Lake
from .errors import LoaderError
from .lakes import as_file, copy_tables, our_tables, snapshot_of
from .schema.headers import PLUMBING, relations
from .store import runs as run_records
from .store.checksums import count_checksums, different_files
from .store.connect import reading, writing
from .store.lake import NEWEST, AsOf, find_snapshot, reading_lake, whole
from .store.rows import Connection, transaction
from .views.build import apply_sql, current_info, is_current, read_info
from .views.enrich import enrich, quoted
from .views.keep import keep_rows
from .views.new import empty_warehouse
from .views.whole import check_is_whole

_ORIGIN = "origin_warehouse"
_SUM = "select '{table}', count(*), cast(checksum_of(hash({columns})) as varchar) from {table} where {where}"
# What is no part of a warehouse, and stays behind.
_OWN = """
select schema_name, table_name from duckdb_tables() where database_name = current_database()
union all
select schema_name, view_name from duckdb_views() where database_name = current_database() and not internal
order by all
"""


class CopyError(LoaderError):
    """Say which warehouse cannot be copied, or not to where, and what to do."""


class Copied(NamedTuple):
    """Count runs, files, and the rows that were read from them; name what of the origin stayed behind."""

    n_runs: int
    n_files: int
    n_rows: int
    left: list[str]


class Origin(NamedTuple):
    """Hold a file to copy from, what is in the warehouse that it stands for, and what will stay behind."""

    file: Path
    contents: Mapping[str, Any]
    left: list[str]


def copy(origin: Address, target: Address, wait_s: float) -> Copied:
    """Copy a warehouse; what a copy that is killed leaves is none, to no reader and no loader.

    The copy is read again, and has to hold what the origin does. Raises CopyError, LakeError and
    WarehouseError.
    """
    if isinstance(target, Path) and os.path.lexists(target):
        raise _present(target)
    found = _look_at(origin, wait_s)
    if isinstance(target, Path):
        with _new_file(target, found.file) as connection:
            counts = _fill(connection, found, origin)
            if (refusal := keep_rows(connection)) is not None:
                with transaction(connection):
                    run_records.report_not_kept(connection, target.absolute(), refusal)
    else:
        with writing(target, wait_s=wait_s, attached=[found.file]) as connection:
            if _is_used(connection):
                raise _present(target)
            counts = _fill(connection, found, origin)
    return Copied(*counts, found.left)


def _look_at(origin: Address, wait_s: float) -> Origin:
    """Check that a warehouse is whole, and sum up what it holds; raises LakeError and WarehouseError."""
    if isinstance(origin, Lake):
        number = snapshot_of(origin, wait_s).number
        file = as_file(origin, wait_s, AsOf(number))
        with reading_lake(origin, wait_s, number) as connection:
            return Origin(file, _contents(connection), _own(connection))
    with reading(origin, wait_s) as connection:
        check_is_whole(connection, origin)
        return Origin(origin, _contents(connection), _own(connection))


@contextmanager
def _new_file(target: Path, origin: Path) -> Iterator[Connection]:
    """Open a new warehouse, put in its place when it has been filled and closed."""
    try:
        with TemporaryDirectory(dir=target.absolute().parent, prefix=f".{target.name}.") as directory:
            made = Path(directory, target.name)
            with writing(
                made, wait_s=0, empty=empty_warehouse(current_info()), attached=[origin]
            ) as connection:
                yield connection
            # Unlike a rename, this replaces nothing that has come there meanwhile.
            os.link(made, target)
    except FileExistsError as error:
        raise _present(target) from error
    except OSError as error:
        raise CopyError(
            f"{target}: could not be put there ({error.strerror}); give a place that can be written to"
        ) from error


def _present(target: Address) -> CopyError:
    return CopyError(
        f"{target}: found something there already, wanted a place for a new warehouse; give another, or bring"
        " one into the other with `loader merge`"
    )


def _is_used(connection: Connection) -> bool:
    """Tell whether a lake holds more than the tables that a copy which was killed has made."""
    if not read_info(connection):
        return False
    [(has_runs,)] = connection.execute("select exists (from run_directories)").fetchall()
    return bool(has_runs) or find_snapshot(connection, NEWEST) is not None


def _fill(connection: Connection, origin: Origin, address: Address) -> tuple[int, int, int]:
    """Copy, compare and mark what was copied in one transaction; return how many runs, files and rows."""
    if not is_current(connection):
        apply_sql(connection)
    [(database,)] = connection.execute("select current_database()").fetchall()
    connection.execute(f"attach {literal(str(origin.file.absolute()))} as {_ORIGIN} (read_only)")
    with whole(connection):
        copy_tables(connection, _ORIGIN, quoted(database))
        # Whether they can be kept shows anew.
        connection.execute("delete from scan_problems where kind = ?", [run_records.NOT_KEPT])
        enrich(connection)
        _compare(connection, origin.contents, address)
        [(n_runs,)] = connection.execute("select count(*) from run_directories").fetchall()
        n_files, n_rows, _ = count_checksums(connection)
    connection.execute(f"detach {_ORIGIN}")
    return n_runs, n_files, n_rows


def _compare(connection: Connection, wanted: Mapping[str, Any], origin: Address) -> None:
    """Raise CopyError unless a copy holds what its origin does, and that is what loads wrote."""
    found = _contents(connection)
    if differ := sorted(
        table for table in wanted.keys() | found.keys() if wanted.get(table) != found.get(table)
    ):
        raise CopyError(
            f"{origin}: its copy has other rows in {', '.join(differ)}, so it was given up; copy it again,"
            " when nothing writes to it"
        )
    if rows := different_files(connection)[1]:
        raise CopyError(
            f"{origin}: found {len(rows):,} differences from what its loads wrote, wanted none; see"
            f" `loader verify -w '{origin}'`"
        )


def _contents(connection: Connection) -> dict[str, Any]:
    """Return how many rows each table of a warehouse has, and a checksum of their values."""
    columns = {relation.name: relation.columns for relation in relations()}
    sums = [
        _SUM.format(
            table=table,
            columns=", ".join(quoted(column.name) for column in columns[table]),
            where=f"kind <> '{run_records.NOT_KEPT}'" if table == "scan_problems" else "true",
        )
        for table in our_tables()
    ]
    of_users = connection.execute(
        "select table_name from duckdb_tables()"
        " where database_name = current_database() and schema_name = 'metadata'"
    ).fetchall()
    for (name,) in of_users:
        sums.append(_SUM.format(table=f"metadata.{quoted(name)}", columns="*columns(*)", where="true"))
    rows = connection.execute("\nunion all\n".join(sums)).fetchall()
    return {table: (n_rows, checksum) for table, n_rows, checksum in rows}


def _own(connection: Connection) -> list[str]:
    """Name the tables and views that neither the loader nor `loader metadata` made."""
    ours = {relation.name for relation in relations()}
    rows = connection.execute(_OWN).fetchall()
    return [
        name if schema == "main" else f"{schema}.{name}"
        for schema, name in rows
        if schema not in (PLUMBING, "metadata") and name not in ours
    ]
