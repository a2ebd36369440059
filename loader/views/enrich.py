"""Join what users brought to the runs: the view `runs_enriched`, and what its columns mean."""

from collections.abc import Sequence

from ..store.connect import WarehouseError
from ..store.rows import Connection, append

VIEW = "runs_enriched"
# Who joins by a run's own name, path, id, directory or label, not by a column of `runs`.
BY_RUN = "run"


def enrich(connection: Connection) -> None:
    """Make `runs_enriched` again, of `runs` and every table of `metadata_sources` that is there.

    Raises WarehouseError where two columns would have one name.
    """
    sources = connection.execute(
        """
        select
            name,
            key_column,
            joined_by
        from metadata_sources
        semi join duckdb_tables()
            on table_name = name and schema_name = 'metadata' and database_name = current_database()
        order by name
        """
    ).fetchall()
    selected, joins, described = ["runs.*"], [], []
    for name, key, joined_by in sources:
        columns = _columns(connection, name, key)
        added = [(f"{name}_{column}", column) for column in columns]
        selected += [f"{quoted(name)}.{quoted(column)} as {quoted(shown)}" for shown, column in added]
        joins.append(_join(name, key, joined_by))
        described += [(shown, f"{column} of metadata.{name}") for shown, column in added]
    _check_differ(connection, [shown for shown, _ in described])
    query = "\n".join([f"select {', '.join(selected)}", "from runs", *joins])
    connection.execute(f"create or replace view {VIEW} as\n{query}")
    _describe(connection, described)


def quoted(name: str) -> str:
    """Write a name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def _columns(connection: Connection, name: str, key: str) -> list[str]:
    rows = connection.execute(
        """
        select column_name
        from duckdb_columns()
        where
            database_name = current_database()
            and schema_name = 'metadata'
            and table_name = ?
            and column_name <> ?
        order by column_index
        """,
        [name, key],
    ).fetchall()
    return [column for (column,) in rows]


def _join(name: str, key: str, joined_by: str) -> str:
    table, value = f"metadata.{quoted(name)}", f"cast(m.{quoted(key)} as varchar)"
    if joined_by != BY_RUN:
        return f"left join {table} {quoted(name)} on {quoted(name)}.{quoted(key)} = runs.{joined_by}"
    # Of several rows that say the same run differently, the surest counts.
    return (
        f'left join (select k.run_id as "its run", m.* from {table} m'
        f" join behind_the_views.run_keys k on k.key = rtrim({value}, '/')"
        " qualify row_number() over (partition by k.run_id order by k.precedence) = 1"
        f') {quoted(name)} on {quoted(name)}."its run" = runs.run_id'
    )


def _check_differ(connection: Connection, added: Sequence[str]) -> None:
    rows = connection.execute("select column_name from column_docs where relation = 'runs'").fetchall()
    names = [*(name for (name,) in rows if name), *added]
    lowered = [name.lower() for name in names]
    if twice := sorted({name for name in names if lowered.count(name.lower()) > 1}):
        raise WarehouseError(
            f"{VIEW} would have two columns named {', '.join(twice)}; give the table another name with --name"
        )


def _describe(connection: Connection, described: list[tuple[str, str]]) -> None:
    """Write the added columns to `column_docs`, behind those of `runs`."""
    connection.execute(
        f"""
        delete from column_docs
        where
            relation = '{VIEW}'
            and not exists (
                from column_docs own
                where own.relation = 'runs' and own.column_name is not distinct from column_docs.column_name
            )
        """
    )
    [(last,)] = connection.execute(
        f"select coalesce(max(position), 0) from column_docs where relation = '{VIEW}'"
    ).fetchall()
    append(
        connection,
        "column_docs",
        [(VIEW, shown, last + place, text) for place, (shown, text) in enumerate(described, start=1)],
    )
