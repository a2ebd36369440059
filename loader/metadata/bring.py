"""Bring what users know of their runs into the schema `metadata`; `runs_enriched` joins it to the runs."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from explainer_warehouse.nearest import nearest

from ..address import Address
from ..status import Table
from ..store.connect import reading
from ..store.rows import Connection, append, replace, transaction
from ..views.build import check_version
from ..views.change import changing
from ..views.enrich import BY_RUN, enrich, quoted
from .read import TIMES, MetadataError, read_rows
from .rows import typed

_NAME = re.compile(r"[A-Za-z_]\w*")
# Columns of runs by which a row can be of several runs.
_MODELS = ("model", "explainer_model", "scorer_model", "subject_model", "sparse_model")
_SOURCES = "select name, n_rows, key_column, joined_by, path, loaded_at from metadata_sources order by name"

# What a user can have meant: no path or id, and no label that only adds to the run's name.
_NEAR = """
select key
from behind_the_views.run_keys
join run_directories using (run_id)
where precedence in (1, 4) or (precedence = 5 and not contains(key, run_name))
"""


class Unknown(NamedTuple):
    """Hold a name that no run has, and those most like it."""

    name: str
    nearest: list[str]


class Brought(NamedTuple):
    """Hold what came of a table, and which runs it is about.

    n_older: rows left out, since a newer row says the same run
    matched, unmatched: names of runs
    """

    name: str
    key: str
    n_rows: int
    n_columns: int
    n_older: int
    matched: list[str]
    unmatched: list[str]
    unknown: list[Unknown]


def bring(path: Address, file: Path, name: str | None, key: str | None, wait_s: float) -> Brought:
    """Replace a table of the schema `metadata` by what a file or store holds.

    name: of the table; that of the file, if None
    key: the column that says which run a row is of; found by its name, if None
    Raises MetadataError, MlflowError and WarehouseError.
    """
    name = _checked(name or file.stem)
    key, rows = read_rows(file, key)
    kept = _one_per_key(file, key, rows)
    table = typed(kept)
    joined_by = key if key in _MODELS else BY_RUN
    now = datetime.now(UTC).replace(tzinfo=None).isoformat()
    with changing(path, wait_s) as connection, transaction(connection):
        target = f"metadata.{quoted(name)}"
        columns = ", ".join(f"{quoted(column)} {kind}" for column, kind in table.types.items())
        connection.execute("create schema if not exists metadata")
        connection.execute(f"create or replace table {target} ({columns})")
        append(connection, target, table.rows)
        source = (name, key, joined_by, str(file.resolve()), len(table.rows), now)
        replace(connection, "metadata_sources", [source], "name = ?", name)
        enrich(connection)
        matched, unmatched, unknown = _matches(connection, target, key, joined_by)
    n_older = len(rows) - len(kept)
    return Brought(name, key, len(kept), len(table.types), n_older, matched, unmatched, unknown)


def forget(path: Address, name: str, wait_s: float) -> None:
    """Drop a table of the schema `metadata`; raises MetadataError where there is none."""
    with changing(path, wait_s) as connection:
        there = [row[0] for row in connection.execute("select name from metadata_sources").fetchall()]
        if name not in there:
            raise MetadataError(f"{path}: found no metadata {name!r}, there is {', '.join(there) or 'none'}")
        with transaction(connection):
            replace(connection, "metadata_sources", [], "name = ?", name)
            enrich(connection)
            connection.execute(f"drop table if exists metadata.{quoted(name)}")


def list_metadata(path: Address, wait_s: float) -> Table:
    """Return a row per table of the schema `metadata`; raises WarehouseError."""
    with reading(path, wait_s) as connection:
        check_version(connection)
        result = connection.execute(_SOURCES)
        return Table(tuple(column[0] for column in result.description), result.fetchall())


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise MetadataError(
            f"found {name!r} as a name for the table, wanted letters, digits and _; give one with --name"
        )
    return name


def _one_per_key(file: Path, key: str, rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Keep the newest row of each key, where the rows say when they are of."""
    if not rows:
        raise MetadataError(f"{file}: found no row, wanted one per run")
    times = [name for name in TIMES if name in rows[0]]
    names = [row.get(key) for row in rows if row.get(key) is not None]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if not twice:
        return rows
    if not times:
        raise MetadataError(
            f"{file}: found several rows of {', '.join(twice[:3])}, wanted one per run; leave one, or say"
            f" which is the newest in a column {TIMES[0]}"
        )
    # Without a time, a row is older than any.
    newest = sorted(rows, key=lambda row: str(row.get(times[0]) or ""))
    last = {row.get(key): row for row in newest}
    return [row for row in rows if row.get(key) is None or row is last[row.get(key)]]


def _matches(
    connection: Connection, target: str, key: str, joined_by: str
) -> tuple[list[str], list[str], list[Unknown]]:
    """Return the names of the runs that a table is about, of the others, and what no run is called."""
    keys = (
        "behind_the_views.run_keys"
        if joined_by == BY_RUN
        else f"(select {joined_by} as key, run_id from runs)"
    )
    value = f"rtrim(cast({quoted(key)} as varchar), '/')"
    rows = connection.execute(
        f"""
        select
            run_name,
            run_id in (select run_id from {keys} where key in (select {value} from {target}))
        from runs
        order by run_name
        """
    ).fetchall()
    values = connection.execute(
        f"select distinct coalesce({value}, '') from {target} where {value} not in (select key from {keys}"
        f" where key is not null) or {value} is null order by all"
    ).fetchall()
    known = _NEAR if joined_by == BY_RUN else f"select distinct key from {keys} where key is not null"
    names = [found for (found,) in connection.execute(known).fetchall()]
    unknown = [Unknown(found, nearest(found, names)) for (found,) in values]
    return (
        [name for name, is_matched in rows if is_matched],
        [name for name, is_matched in rows if not is_matched],
        unknown,
    )
