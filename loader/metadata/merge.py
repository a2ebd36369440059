"""Bring the metadata of another warehouse that is attached; the caller holds the transaction."""

from typing import Any, NamedTuple

from ..store.rows import Connection, replace
from ..views.enrich import enrich, quoted


class _Source(NamedTuple):
    """Hold a row of `metadata_sources`, and in which schema its table is."""

    schema: str
    name: str
    key: str
    joined_by: str
    path: str
    loaded_at: Any

    @property
    def table(self) -> str:
        return f"{self.schema}.{quoted(self.name)}"


def merge_metadata(connection: Connection, other: str) -> None:
    """Bring every table; of two with one name the rows of both, where both have a row the newer table's."""
    [(here,)] = connection.execute("select current_database()").fetchall()
    ours = {source.name: source for source in _sources(connection, here)}
    theirs = _sources(connection, other)
    if not theirs:
        return
    connection.execute("create schema if not exists metadata")
    for source in theirs:
        ours_of_name = [ours[source.name]] if source.name in ours else []
        # Ours, if both are as old.
        newest, *older = sorted([*ours_of_name, source], key=lambda side: side.loaded_at, reverse=True)
        query = f"from {newest.table}"
        if older and older[0].key == newest.key:
            keys = f"select cast({quoted(newest.key)} as varchar) from {newest.table}"
            query += (
                f" union all by name from {older[0].table} where cast({quoted(newest.key)} as varchar) not in"
                f" ({keys} where {quoted(newest.key)} is not null)"
            )
        target = f"metadata.{quoted(source.name)}"
        connection.execute(f"create or replace table {target} as {query}")
        [(n_rows,)] = connection.execute(f"select count(*) from {target}").fetchall()
        row = (newest.name, newest.key, newest.joined_by, newest.path, n_rows, newest.loaded_at)
        replace(connection, "metadata_sources", [row], "name = ?", source.name)
    enrich(connection)


def _sources(connection: Connection, database: str) -> list[_Source]:
    schema = f"{quoted(database)}.metadata"
    rows = connection.execute(
        f"""
        select
            name,
            key_column,
            joined_by,
            path,
            loaded_at
        from {quoted(database)}.main.metadata_sources
        semi join duckdb_tables() on table_name = name and schema_name = 'metadata' and database_name = ?
        order by name
        """,
        [database],
    ).fetchall()
    return [_Source(schema, *row) for row in rows]
