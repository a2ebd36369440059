"""Make the tables and views of sql/ in a database, with their descriptions."""

from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import duckdb

from explainer_warehouse.sql_files import sql_hash
from explainer_warehouse.versions import INFO_IS_OURS, SCHEMA_VERSION, mismatch

from ..schema.headers import PLUMBING, relations
from ..store.checksums import note_all_checksums
from ..store.connect import WarehouseError
from ..store.lake import is_lake
from ..store.rows import Connection, replace, transaction
from .enrich import enrich
from .keep import make_relations

# Asks whether there is a table of this name at all.
_INFO = """
from duckdb_tables()
where database_name = current_database() and schema_name = 'main' and table_name = 'warehouse_info'
"""


def apply_sql(connection: Connection, steps: Sequence[str] | None = None) -> None:
    """Make the tables and views of sql/ in one transaction: old views go first, so that none is left behind.

    steps: the statements that bring older tables forward, run between
    Raises WarehouseError if the file is of another schema version and no steps are given, or has a table
    of a view's name.
    """
    if steps is None and connection.execute(_INFO).fetchone():
        check_version(connection)
    try:
        with transaction(connection):
            for view in _our_views(connection):
                connection.execute(f"drop view {_quoted(view)}")
            connection.execute(f"drop schema if exists {PLUMBING} cascade")
            for step in steps or ():
                connection.execute(step)
            make_relations(connection)
            # Of what an older version loaded.
            note_all_checksums(connection)
            _describe(connection)
            enrich(connection)
            replace(connection, "warehouse_info", list(current_info().items()))
    except duckdb.CatalogException as error:
        raise WarehouseError(f"could not make the tables and views: {str(error).splitlines()[0]}") from error


def check_version(connection: Connection) -> None:
    """Raise WarehouseError, which names the file, unless it is a warehouse of this schema version."""
    wrong = mismatch(read_info(connection))
    if wrong:
        [(path,)] = connection.execute(
            "select path from duckdb_databases() where database_name = current_database()"
        ).fetchall()
        raise WarehouseError(f"{path}: {wrong}")


def is_current(connection: Connection) -> bool:
    """Tell whether the views in the file were made by this loader, from this sql/."""
    return read_info(connection) == current_info()


def current_info() -> dict[str, str]:
    """Return what `warehouse_info` is to say."""
    return {
        "schema_version": str(SCHEMA_VERSION),
        "sql_hash": sql_hash(),
        "loader_version": _loader_version(),
    }


def read_info(connection: Connection) -> dict[str, str]:
    """Return what `warehouse_info` says; nothing if there is none that is ours."""
    if is_lake(connection):
        # To list tables DuckLake looks at each, and to list columns it plans every view.
        with suppress(duckdb.CatalogException, duckdb.BinderException):
            return dict(connection.execute("select key, value from main.warehouse_info").fetchall())
        return {}
    is_ours = connection.execute(INFO_IS_OURS).fetchone()
    return dict(connection.execute("from warehouse_info").fetchall()) if is_ours else {}


def _our_views(connection: Connection) -> list[str]:
    """Return the views that sql/ made, now or in an older version; a user's own views are not among them."""
    if not read_info(connection):
        return []
    return [
        row[0]
        for row in connection.execute(
            """
            select distinct view_name
            from duckdb_views()
            join column_docs on column_docs.relation = view_name
            where not internal and database_name = current_database() and schema_name = 'main'
            """
        ).fetchall()
    ]


def _describe(connection: Connection) -> None:
    """Write what the headers of sql/ say to `column_docs` and to the engine's comments."""
    rows: list[tuple[Any, ...]] = []
    comments = []
    of_lake = is_lake(connection)
    for relation in relations():
        whole = f"{relation.description} One row per {relation.grain}"
        comments.append(f"comment on {relation.kind} {relation.name} is {_literal(whole)}")
        # DuckLake comments no column of a view.
        has_columns = relation.kind == "table" or not of_lake
        rows.append((relation.name, None, 0, whole))
        for position, column in enumerate(relation.columns, start=1):
            if has_columns:
                comments.append(
                    f"comment on column {relation.name}.{_quoted(column.name)}"
                    f" is {_literal(column.description)}"
                )
            rows.append((relation.name, column.name, position, column.description))
    connection.execute(";\n".join(comments))
    replace(connection, "column_docs", rows)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _loader_version() -> str:
    try:
        return version("explainer-warehouse")
    except PackageNotFoundError:
        return "a checkout"
