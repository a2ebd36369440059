"""Run a user's SQL on a warehouse that it cannot change; prints nothing."""

from contextlib import closing
from pathlib import Path

import duckdb

from .errors import LoaderError
from .status import Table
from .store.connect import connect
from .table_text import repeated


class QueryError(LoaderError):
    """Say what is wrong with a query."""


def run_query(path: Path, query: str, wait_s: float) -> Table:
    """Return the rows of the last statement of `query`, run read-only.

    Raises QueryError, and WarehouseError where the file cannot be opened.
    """
    # Not closed to other files, which a query of the user's own may join.
    with closing(connect(path, wait_s=wait_s, read_only=True)) as connection:
        try:
            result = connection.execute(query)
            columns = tuple(column[0] for column in result.description)
            table = Table(columns, result.fetchall())
        except duckdb.Error as error:
            raise QueryError(_explained(path, error)) from error
    if twice := repeated(columns):
        raise QueryError(f"found two columns named {', '.join(twice)}; give one another name, with `as`")
    return table


def _explained(path: Path, error: duckdb.Error) -> str:
    text = str(error).strip()
    if "read-only mode" in text:
        return f"{path} is only read here, and that statement would change it ({text.splitlines()[0]})"
    return text
