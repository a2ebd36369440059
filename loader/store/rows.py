"""Hand rows to DuckDB, fast in every version that is supported, inside transactions."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, get_args
from weakref import WeakSet

import duckdb

from ..records import Severity

Connection = duckdb.DuckDBPyConnection
# What DuckDB raises on content that it cannot take; a full disk or memory is neither.
RefusedError = (duckdb.DataError, duckdb.ProgrammingError)

# Connections with a transaction: DuckDB tells nobody which these are.
_under_way: WeakSet[Connection] = WeakSet()

_SEVERITY = "|".join(get_args(Severity))
# A few words, and no severity.
_PROBLEM = rf"(?!(?:{_SEVERITY})$)[A-Za-z]+(?: [A-Za-z]+){{0,4}}"
# What is counted and asked for by its name, by table and column: a value in another's place would be lost.
_NAMES = {
    "source_files": {
        "kind": "config|score|explanation|stats|timing|firing_counts",
        "status": "loaded|failed|unsupported|gone",
    },
    "run_links": {"kind": "firing_counts|explanation"},
    "file_problems": {"kind": _PROBLEM, "severity": _SEVERITY},
    "scan_problems": {"kind": _PROBLEM, "severity": _SEVERITY},
}


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Commit what is done inside, or roll all of it back; one inside another is part of that."""
    if connection in _under_way:
        yield
        return
    connection.begin()
    _under_way.add(connection)
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    else:
        connection.commit()
    finally:
        _under_way.discard(connection)


def append(connection: Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Append rows; values travel as text, since a column of objects leaves its type to guesswork."""
    if not rows:
        return
    columns = {
        f"c{i}": [None if v is None else str(v) for v in column]
        for i, column in enumerate(zip(*rows, strict=True))
    }
    types = connection.execute(f"select * from {table} limit 0").description
    _check_names(table, {column[0]: values for column, values in zip(types, columns.values(), strict=True)})
    values = ", ".join(f"cast(c{i} as {column[1]})" for i, column in enumerate(types))
    with relation(connection, "appended", **columns):
        connection.execute(f"insert into {table} select {values} from appended")


def _check_names(table: str, columns: Mapping[str, Sequence[str | None]]) -> None:
    for column, pattern in _NAMES.get(table, {}).items():
        for value in set(columns[column]):
            if value is None or not re.fullmatch(pattern, value):
                raise ValueError(f"{table}.{column}: found {value!r}, wanted {pattern}")


class _Stream:
    """Hold an Arrow stream for DuckDB, which keeps what it was shown until its transaction ends."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Return an Arrow stream of the rows, in a PyCapsule."""
        return self.rows.__arrow_c_stream__(requested_schema)


@contextmanager
def shown_stream(connection: Connection, name: str, rows: Any) -> Iterator[None]:
    """Show an Arrow stream to a connection as a relation, and let go of its rows then."""
    stream = _Stream(rows)
    connection.register(name, stream)
    yield
    # Not after an error, when the transaction takes no more; the next relation of this name replaces it.
    connection.unregister(name)
    stream.rows = None


@contextmanager
def relation(
    connection: Connection, name: str, **columns: Sequence[str | None] | Sequence[int] | Sequence[bytes]
) -> Iterator[None]:
    """Hold columns in a temporary table, for the statements inside."""
    given: dict[str, Sequence[Any]] = {}
    selected = []
    for key, values in columns.items():
        kinds = set(map(type, values))
        kind = "bigint" if kinds == {int} else "blob" if kinds == {bytes} else "varchar"
        # DuckDB 1.5 takes seconds for a list of numbers.
        given[key] = list(map(str, values)) if kind == "bigint" else values
        sent = "blob" if kind == "blob" else "varchar"
        selected.append(f"unnest(cast(cast(${key} as {sent}[]) as {kind}[])) as {key}")
    connection.execute(f"create or replace temp table {name} as select {', '.join(selected)}", given)
    yield
    # Not after an error, when the transaction takes no more: it takes the table back.
    connection.execute(f"drop table temp.{name}")


def replace(
    connection: Connection, table: str, rows: Sequence[tuple[Any, ...]], where: str = "true", *values: Any
) -> None:
    """Replace the rows of a table that fulfil a condition, all of them unless one is given.

    Where they are the same already nothing is written, so that a lake has no new state of it to read.
    """
    present = connection.execute(f"select * from {table} where {where}", list(values)).fetchall()
    if Counter(present) == Counter(map(tuple, rows)):
        return
    connection.execute(f"delete from {table} where {where}", list(values))
    append(connection, table, rows)
