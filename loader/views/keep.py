"""Keep the rows of views in tables, so that a query need not work them out.

A view of a warehouse is a choice between two queries, made whenever somebody asks: one for the kept rows and,
if a load is not done or a variable is set that makes other rows, its definition in sql/. The view's header
says which; see sql/10_macros/04_selection.sql.
"""

import re
from typing import NamedTuple

from ..schema.headers import Kept, Relation, relations, statements
from ..store.rows import Connection, RefusedError, replace, transaction

_VIEW = re.compile(r"^create view (?P<name>\w+) as\n(?P<query>.+?);?\s*\Z", re.MULTILINE | re.DOTALL)
# Columns that follow `model_names`, with the column of `run_labels`, by the column that names the run.
_LABELS = {
    "run_id": {"run_label": "run_label", "model": "model"},
    "run_id_a": {"run_label_a": "run_label", "model_a": "model"},
    "run_id_b": {"run_label_b": "run_label", "model_b": "model"},
}
_SCORE_TYPES = ("score_type", "score_type_a", "score_type_b")


class View(NamedTuple):
    """Hold a view's name and its definition, a query."""

    name: str
    query: str


def read_view(statement: str) -> View | None:
    """Return the view that a statement of sql/ makes; None if it makes something else."""
    found = _VIEW.search(statement)
    return View(**found.groupdict()) if found else None


def make_relations(connection: Connection) -> None:
    """Run the statements of sql/, in order; of each view that is kept make an empty table and the choice.

    The caller holds the transaction; the choice is the definition until rows are kept.
    """
    headers = {relation.name: relation for relation in relations()}
    connection.execute("create schema if not exists kept")
    connection.execute("create or replace table kept.state (of_tables varchar)")
    # Binding tables, to learn the columns, is quicker than binding definitions of definitions.
    _set_state(connection, "making")
    for statement in statements():
        view = read_view(statement)
        if view is None:
            connection.execute(statement)
        elif (kept := headers[view.name].kept) is None:
            connection.execute(f"create view {view.name} as\n{view.query}")
        else:
            _keep(connection, view, "with no data")
            connection.execute(_choice(view, headers[view.name], kept))
    forget_rows(connection)


def forget_rows(connection: Connection) -> None:
    """Let the views take their definitions, before anything changes that kept rows follow from."""
    _set_state(connection, "due")


def keep_rows(connection: Connection) -> str | None:
    """Let the views take kept rows, worked out again if anything changed; in one transaction.

    Where results hold a value that some view cannot take, none is kept: the results are loaded all the same,
    views take their definitions, and the one that fails says why to whoever asks it. Returns the reason then.
    """
    try:
        with transaction(connection):
            _keep_all(connection)
    except RefusedError as error:
        forget_rows(connection)
        return str(error).splitlines()[0]
    return None


def _keep_all(connection: Connection) -> None:
    [tables] = connection.execute("select state_of_tables()").fetchall()
    if connection.execute("from kept.state").fetchone() != tables:
        _set_state(connection, "making")
        kept = {relation.name for relation in relations() if relation.kept is not None}
        for view in filter(None, map(read_view, statements())):
            if view.name in kept:
                _keep(connection, view)
        replace(connection, "kept.state", [tables])
    _set_state(connection, "kept")


def _keep(connection: Connection, view: View, how: str = "") -> None:
    connection.execute(f"create or replace table kept.{view.name} as\n{view.query}\n{how}")


def _set_state(connection: Connection, state: str) -> None:
    connection.execute(f"create or replace macro state_of_rows() as '{state}'")


def _choice(view: View, header: Relation, kept: Kept) -> str:
    """Return the statement that makes a view of the warehouse."""
    is_other = " or ".join(f"getvariable('{variable}') is not null" for variable in kept.unless)
    return (
        f"create view {view.name} as from query(rows_of(\n'{view.name}',\n{is_other or 'false'},\n"
        f"$kept$\n{_kept_query(header, kept)}\n$kept$,\n"
        f"$definition$\n{view.query}\n$definition$\n))"
    )


def _kept_query(header: Relation, kept: Kept) -> str:
    """Return the query for kept rows: those selected, with labels as they are now."""
    columns = {column.name for column in header.columns}
    replaced, joined, selected = [], [], []
    for run, labels in _LABELS.items():
        if run not in columns:
            continue
        if not kept.all_runs:
            selected.append(f"is_selected_run(kept.{run})")
        if found := {column: label for column, label in labels.items() if column in columns}:
            replaced += [f"labels_of_{run}.{label} as {column}" for column, label in found.items()]
            joined.append(f"join run_labels labels_of_{run} on labels_of_{run}.run_id = kept.{run}")
    selected += [f"is_selected_score_type(kept.{column})" for column in _SCORE_TYPES if column in columns]
    lines = [
        f"select kept.* replace ({', '.join(replaced)})" if replaced else "select kept.*",
        f"from kept.{header.name} kept",
        *joined,
    ]
    if selected:
        lines.append("where " + " and ".join(f"({condition})" for condition in selected))
    return "\n".join(lines)
