"""Ask every view of a warehouse, to compare it with another of the same results."""

from pathlib import Path

import duckdb

from loader.schema.headers import relations

# Ids and times of loading, and what tells that a file was there once.
OTHERWISE = {"file_id", "scorer", "loaded_at"}
FORGOTTEN = "('gone', 'run gone')"


def rows(path: Path, stopped_by: type[Exception] | tuple[()] = ()) -> dict[str, list[str]]:
    """Return the rows of every view as text, sorted; of one that such an error stops, that."""
    found = {}
    with duckdb.connect(path, read_only=True) as connection:
        for relation in relations():
            if relation.kind == "view":
                names = {column.name for column in relation.columns}
                columns = [f'"{column.name}"' for column in relation.columns if column.name not in OTHERWISE]
                where = f"where kind not in {FORGOTTEN}" if {"kind", "path", "detail"} <= names else ""
                where = "where status <> 'gone'" if relation.name == "current_files" else where
                query = f"select {', '.join(columns)} from {relation.name} {where}"
                try:
                    found[relation.name] = sorted(map(repr, connection.execute(query).fetchall()))
                except stopped_by as error:
                    found[relation.name] = [type(error).__name__]
    return found
