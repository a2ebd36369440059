"""Keep the rows of views in tables, so that a query need not work them out.

A view of a warehouse is a choice between two queries, made whenever somebody asks: one for the kept rows and,
if a load is not done or a variable is set that makes other rows, its definition in sql/. The view's header
says which; see sql/10_macros/04_selection.sql.
"""

import re
from collections.abc import Collection
from contextlib import ExitStack, closing

from ..schema.headers import OF_MANY, PLUMBING, Kept, Relation, relations, statements
from ..store.lake import is_lake
from ..store.rows import Connection, RefusedError, replace, transaction
from .order import THREADS, made_of, work_through

_VIEW = re.compile(r"^create view (?P<name>[\w.]+) as\n(?P<query>.+?);?\s*\Z", re.MULTILINE | re.DOTALL)
# Columns that follow `model_names`, with the column of `run_labels`, by the column that names the run.
_LABELS = {
    "run_id": {"run_label": "run_label", "model": "model"},
    "run_id_a": {"run_label_a": "run_label", "model_a": "model"},
    "run_id_b": {"run_label_b": "run_label", "model_b": "model"},
}
# The variable of a connection for which rows are worked out; see sql/10_macros/04_selection.sql.
_TAKES_TABLES = "takes_tables"
_SCORE_TYPES = ("score_type", "score_type_a", "score_type_b")


def make_relations(connection: Connection) -> None:
    """Run the statements of sql/, in order; of each view that is kept make an empty table and the choice.

    The caller holds the transaction; the choice is the definition until rows are kept. In a lake none
    are: its views are their definitions.
    """
    headers = {relation.name: relation for relation in relations()}
    keeps = not is_lake(connection)
    # Binding tables, to learn the columns, is quicker than binding definitions of definitions.
    _take_tables(connection)
    for statement in statements():
        view = _VIEW.search(statement)
        if view and keeps and (kept := headers[view["name"]].kept):
            _make_empty(connection, kept, view["query"])
            connection.execute(_choice(headers[view["name"]], kept, view["query"]))
        else:
            connection.execute(statement)
    connection.execute(f"reset variable {_TAKES_TABLES}")
    forget_rows(connection)


def forget_rows(connection: Connection) -> None:
    """Let the views take their definitions, before anything changes that kept rows follow from."""
    if not is_lake(connection):
        _set_state(connection, "due")


def keep_rows(connection: Connection) -> str | None:
    """Let the views take kept rows, worked out again if anything changed.

    Where results hold a value that some view cannot take, none is kept: the results are loaded all the same,
    views take their definitions, and the one that fails says why to whoever asks it. Returns the reason then.
    Of a lake none are: who reads has them in a copy.
    """
    if is_lake(connection):
        return None
    [tables] = connection.execute("select state_of_tables()").fetchall()
    if connection.execute(f"from {PLUMBING}.state").fetchone() == tables:
        _set_state(connection, "kept")
        return None
    # Each view's rows are committed by themselves: of what an interruption leaves nothing may be said.
    with transaction(connection):
        forget_rows(connection)
        connection.execute(f"delete from {PLUMBING}.state")
    try:
        _work_out(connection)
    except RefusedError as error:
        return str(error).splitlines()[0]
    with transaction(connection):
        replace(connection, f"{PLUMBING}.state", [tables])
        [(are_compared,)] = connection.execute(
            "select count(*) <= most_compared() from run_directories"
        ).fetchall()
        connection.execute(f"create or replace macro all_are_compared() as {are_compared}")
        _set_state(connection, "kept")
    return None


def work_out_here(connection: Connection, views: Collection[str]) -> None:
    """Work out the rows of these views, and of those they are made of, and let this connection take them.

    Its variables are followed as they are now. It is for a database that nobody else reads: to plan a
    view whose parts are definitions takes several times as long as to work them out one by one.
    """
    makers, before = _makers()
    wanted = {*views}.union(*(before[view] for view in views))
    _take_tables(connection)
    for name in makers:
        if name in wanted:
            connection.execute(makers[name])


def _work_out(connection: Connection) -> None:
    """Work out the rows of the views, each view's from those of the views before it.

    It takes planning more than anything else, which one thread does of one query.
    """
    makers, before = _makers()
    with ExitStack() as opened:
        # Each thread takes one.
        cursors = [opened.enter_context(closing(connection.cursor())) for _ in range(THREADS)]

        def keep(name: str) -> None:
            cursor = cursors.pop()
            try:
                cursor.execute(makers[name])
            finally:
                cursors.append(cursor)

        for cursor in cursors:
            _take_tables(cursor)
        work_through(before, keep)


def _makers() -> tuple[dict[str, str], dict[str, set[str]]]:
    """Return what makes the table of each view that is kept, in the order of sql/, and what comes before."""
    kept = {relation.name: relation.kept for relation in relations() if relation.kept}
    definitions = {view["name"]: view["query"] for view in filter(None, map(_VIEW.search, statements()))}
    behind = made_of(definitions)
    makers = {
        name: f"create or replace table {kept[name].table} as\n{definitions[name]}"
        for name in definitions
        if name in kept
    }
    return makers, {name: behind[name] & kept.keys() for name in makers}


def _make_empty(connection: Connection, kept: Kept, query: str) -> None:
    # A relation is bound and not planned, which `create table as ... with no data` would.
    bound = connection.sql(query)
    columns = ", ".join(f'"{name}" {kind}' for name, kind in zip(bound.columns, bound.types, strict=True))
    connection.execute(f"create table {kept.table} ({columns})")


def _take_tables(connection: Connection) -> None:
    """Let the views take the kept rows as they are, for this connection alone."""
    connection.execute(f"set variable {_TAKES_TABLES} = true")


def _set_state(connection: Connection, state: str) -> None:
    connection.execute(f"create or replace macro state_of_rows() as '{state}'")


def _choice(header: Relation, kept: Kept, definition: str) -> str:
    """Return the statement that makes a view of the warehouse."""
    is_other = " or ".join(map(_is_set, kept.unless))
    return (
        f"create view {header.name} as from query(rows_of(\n'{kept.table}',\n{is_other or 'false'},\n"
        f"$kept$\n{_kept_query(header, kept)}\n$kept$,\n"
        f"$definition$\n{definition}\n$definition$\n))"
    )


def _is_set(variable: str) -> str:
    """Return the condition that a variable is set, and of one `of many` that not all runs are compared."""
    name, of_many, _ = variable.partition(OF_MANY)
    is_set = f"getvariable('{name}') is not null"
    return f"({is_set} and not all_are_compared())" if of_many else is_set


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
            joined.append(
                f"join {PLUMBING}.run_labels labels_of_{run} on labels_of_{run}.run_id = kept.{run}"
            )
    selected += [f"is_selected_score_type(kept.{column})" for column in _SCORE_TYPES if column in columns]
    lines = [
        f"select kept.* replace ({', '.join(replaced)})" if replaced else "select kept.*",
        f"from {kept.table} kept",
        *joined,
    ]
    if selected:
        lines.append("where " + " and ".join(f"({condition})" for condition in selected))
    return "\n".join(lines)
