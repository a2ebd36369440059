"""Ask every view of a warehouse, to compare it with another of the same results."""

from pathlib import Path
from typing import Any

import duckdb

from loader.schema.headers import relations

# Ids and times of loading, and what tells that a file was there once.
OTHERWISE = {"file_id", "scorer", "loaded_at"}
FORGOTTEN = "('gone', 'run gone')"


def rows(path: Path, stopped_by: type[Exception] | tuple[()] = ()) -> dict[str, list[str]]:
    """Return the rows of every view as text, sorted; of one that such an error stops, that."""
    with duckdb.connect(path, read_only=True) as connection:
        return answers(connection, stopped_by)


def answers(
    connection: duckdb.DuckDBPyConnection, stopped_by: type[Exception] | tuple[()] = (), digits: int = 17
) -> dict[str, list[str]]:
    """Do the same for a warehouse that is open; numbers to so many digits, 17 for all of them."""
    found = {}
    for relation in relations():
        if relation.kind == "view":
            names = {column.name for column in relation.columns}
            columns = [f'"{column.name}"' for column in relation.columns if column.name not in OTHERWISE]
            where = f"where kind not in {FORGOTTEN}" if {"kind", "path", "detail"} <= names else ""
            where = "where status <> 'gone'" if relation.name == "current_files" else where
            query = f"select {', '.join(columns)} from {relation.name} {where}"
            try:
                answer = connection.execute(query).fetchall()
                found[relation.name] = sorted(repr(_rounded(row, digits)) for row in answer)
            except stopped_by as error:
                found[relation.name] = [type(error).__name__]
    return found


def _rounded(value: Any, digits: int) -> Any:
    """Round a number, and those in a row, a list or a struct."""
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, (tuple, list)):
        return type(value)(_rounded(item, digits) for item in value)
    return {key: _rounded(item, digits) for key, item in value.items()} if isinstance(value, dict) else value
