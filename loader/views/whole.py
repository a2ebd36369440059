"""Check that a warehouse can be brought elsewhere: that no load of it is unfinished, and no table missing."""

from functools import cache
from pathlib import Path

from ..schema.headers import relations
from ..store.connect import WarehouseError
from ..store.rows import Connection
from ..store.runs import NOT_KEPT
from .build import check_version


def check_is_whole(connection: Connection, path: Path) -> None:
    """Raise WarehouseError unless a file is a warehouse of this version whose last load was finished."""
    check_version(connection)
    if missing := _lacking(connection):
        raise WarehouseError(
            f"{path}: found no table with {missing[0]}, wanted one; make it with `loader refresh -w {path}`"
        )
    [(is_done,)] = connection.execute(
        "select rows_are_kept() or exists (from scan_problems where kind = ?)", [NOT_KEPT]
    ).fetchall()
    if not is_done:
        raise WarehouseError(
            f"{path}: found a load that was not finished; load its results again, or leave it out"
        )


@cache
def _columns() -> frozenset[tuple[str, str]]:
    return frozenset(
        (relation.name, column.name)
        for relation in relations()
        if relation.kind == "table" and "." not in relation.name
        for column in relation.columns
    )


def _lacking(connection: Connection) -> list[str]:
    """Return the columns of our tables that no table of a warehouse has."""
    found = connection.execute(
        """
        select
            table_name,
            column_name
        from duckdb_columns()
        semi join duckdb_tables() using (database_name, schema_name, table_name)
        where database_name = current_database() and schema_name = 'main'
        """
    ).fetchall()
    return [f"{table}.{column}" for table, column in sorted(_columns() - set(found))]
