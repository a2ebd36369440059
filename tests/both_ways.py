"""Read score files the fast way, by the parser, and the exact way, which is the judge; and compare."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import duckdb

from explainer_warehouse.sql_files import sql_files
from loader.files.scores import native
from loader.files.scores.classifier import FAMILY
from loader.files.scores.families import read_scores
from loader.files.scores.family import Family
from loader.store import files as store


@cache
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for path in sql_files():
        if path.parent.name in ("00_tables", "10_macros", "25_scores"):
            connection.execute(path.read_text(encoding="utf-8"))
    return connection


@contextmanager
def scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database with the tables of the warehouse; what is written is rolled back."""
    with database().cursor() as connection:
        connection.begin()
        try:
            yield connection
        finally:
            connection.rollback()


def rows(connection: duckdb.DuckDBPyConnection, family: Family = FAMILY) -> list[dict[str, Any]]:
    cursor = connection.execute(f"select * from {family.table} order by all")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def insert(connection: duckdb.DuckDBPyConnection, *texts: str | bytes, family: Family = FAMILY) -> set[int]:
    """Offer files, numbered from 1, to the fast way; return the numbers of those it takes."""
    assert native.is_compiled(), "the parser is not, or has changed since: make .venv-test/ready"
    files = {i: text.encode() if isinstance(text, str) else text for i, text in enumerate(texts, 1)}
    table, (read, statement) = family.table, family.fast
    if read is None:
        return set(store.insert_scores(connection, table, statement, files))
    found = read(files)
    if found.rows is None:
        return set()
    return set(store.insert_read_scores(connection, table, statement, found.rows, found.n_examples))


def insert_exact(
    connection: duckdb.DuckDBPyConnection, file_id: int, text: str, family: Family = FAMILY
) -> set[int]:
    files = {file_id: read_examples(text.encode(), family)}
    return set(store.insert_scores(connection, family.table, family.insert, files))


def read_examples(data: bytes, family: Family = FAMILY) -> str:
    scores = read_scores(data)
    assert scores.family is family
    return scores.examples


def is_taken_alike(text: str) -> bool:
    """Tell whether the fast way takes a file; what it does take, it must take as the exact way does."""
    with scratch() as connection:
        if not insert(connection, text):
            return False
        quick = rows(connection)
        insert_exact(connection, 2, text)
        exact = [row | {"file_id": 1} for row in rows(connection) if row["file_id"] == 2]
    # Text tells 0 from -0.
    assert repr(quick) == repr(exact)
    assert native.read({1: text.encode()}).findings.get(1, []) == read_scores(text.encode()).findings
    return True
