"""Read what users know of their runs from a file or a store of MLflow's."""

from pathlib import Path
from typing import Any

import duckdb

from ..errors import LoaderError
from .mlflow import is_store, read_store

_READERS = {
    ".csv": "read_csv(?, sample_size = -1)",
    ".tsv": "read_csv(?, sample_size = -1)",
    ".txt": "read_csv(?, sample_size = -1)",
    ".json": "read_json(?, sample_size = -1, maximum_depth = -1)",
    ".jsonl": "read_json(?, sample_size = -1)",
    ".ndjson": "read_json(?, sample_size = -1)",
    ".parquet": "read_parquet(?)",
}
_COMPRESSED = (".gz", ".zst")
# The columns that hold a run's name in tables of our own, of W&B and of MLflow, the surest first.
KEYS = ("run_name", "Name", "name", "display_name", "run", "tags.mlflow.runName")
# What says of two rows of one run which is the newer, in the same tables.
TIMES = ("start_time", "Created", "created_at", "createdAt")
_WANTED = "wanted CSV, TSV, Parquet, JSON or NDJSON, an export of W&B, or MLflow's mlflow.db or mlruns"


class MetadataError(LoaderError):
    """Say what is wrong with a user's table, what was wanted and what to do."""


def read_rows(path: Path, key: str | None) -> tuple[str, list[dict[str, Any]]]:
    """Return the column that names the run, and the rows.

    key: that column; the first of KEYS that is there, if None
    Raises MetadataError, and MlflowError.
    """
    if not path.exists():
        raise MetadataError(f"{path}: found nothing, {_WANTED}")
    if is_store(path):
        rows = read_store(path)
        columns = list(dict.fromkeys(name for row in rows for name in row))
        return _key(path, columns, key), rows
    if path.is_dir():
        raise MetadataError(f"{path}: found a directory that is no store of MLflow's, {_WANTED}")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        try:
            return _read_file(connection, path, key)
        except duckdb.Error as error:
            raise MetadataError(
                f"{path}: could not be read ({str(error).splitlines()[0]}), {_WANTED}"
            ) from error


def _read_file(
    connection: duckdb.DuckDBPyConnection, path: Path, key: str | None
) -> tuple[str, list[dict[str, Any]]]:
    endings = [ending for ending in path.suffixes if ending.lower() not in _COMPRESSED]
    reader = _READERS.get(endings[-1].lower() if endings else "")
    if reader is None:
        raise MetadataError(f"{path}: found a file that ends with {path.suffix or 'nothing'}, {_WANTED}")
    found = connection.execute(f"describe from {reader}", [str(path)]).fetchall()
    types = {name: kind for name, kind, *_ in found}
    chosen = _key(path, list(types), key)
    if reader.startswith("read_csv"):
        # A name such as 007 is no number.
        reader = f"read_csv(?, sample_size = -1, types = {{{_text(chosen)}: 'varchar'}})"
    columns = ", ".join(_selected(name, kind) for name, kind in types.items())
    result = connection.execute(f"select {columns} from {reader}", [str(path)])
    return chosen, [dict(zip(types, row, strict=True)) for row in result.fetchall()]


def _selected(name: str, kind: str) -> str:
    column = _quoted(name)
    # Python has these without a time zone only.
    return f"cast({column} as timestamp) as {column}" if kind == "TIMESTAMP WITH TIME ZONE" else column


def _key(path: Path, columns: list[str], key: str | None) -> str:
    if key is not None and key not in columns:
        raise MetadataError(f"{path}: found no column {key!r}, there are {', '.join(columns)}")
    found = [name for name in ([key] if key else KEYS) if name in columns]
    if not found:
        raise MetadataError(
            f"{path}: found the columns {', '.join(columns) or 'none'}, wanted one with the runs' names"
            f" ({', '.join(KEYS)}); say which it is with --key"
        )
    return found[0]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
