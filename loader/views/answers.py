"""Keep the answers of the views in tables, so that a query need not work them out.

A view of a warehouse is a choice between two queries, made whenever somebody asks: the kept answer, or its
definition in sql/ where a load is not done, or where a filter changes more than which rows there are. See
sql/10_macros/04_selection.sql.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..schema.headers import relations, statements
from ..store.rows import Connection, RefusedError, replace, transaction
from .keep import TABLES, keep_estimates

# These would double the file, or, where runs share no latents, make it grow with their square; labels follow
# `model_names`.
NEVER_KEPT = frozenset(("coverage_matrix", "examples", "firing_counts", "run_labels"))
_VIEW = re.compile(r"^create view (?P<name>\w+) as\n(?P<query>.+?);?\s*\Z", re.MULTILINE | re.DOTALL)
# Their rows follow from one run and score type: a filter keeps a row as it is, or leaves it out.
OF_ONE_RUN = frozenset(
    (
        "auc_estimates",
        "average_estimates",
        "chance",
        "explanations",
        "failure_summary",
        "failures_by_prompt",
        "false_alarm_rate",
        "firing_correlation",
        "firing_deciles",
        "firing_rate",
        "hookpoint_sums",
        "latent_confusion",
        "latent_distribution",
        "latent_firing_counts",
        "latent_measures",
        "latent_metrics",
        "new_auc_estimates",
        "pooled_estimates",
        "recall_by_quantile",
        "reliability_curve",
        "roc_curve",
        "run_confusion",
        "run_measures",
        "run_metrics",
        "score_files",
        "score_type_agreement",
        "score_type_correlation",
        "scorers",
    )
)
# These hold all runs, selected or not, since labels need them.
OF_ALL_RUNS = frozenset(("current_files", "run_settings"))
# Columns that follow `model_names`, with the column of `run_labels`, by the column that names the run.
_LABELS = {
    "run_id": {"run_label": "run_label", "model": "model"},
    "run_id_a": {"run_label_a": "run_label", "model_a": "model"},
    "run_id_b": {"run_label_b": "run_label", "model_b": "model"},
}


class View(NamedTuple):
    """Hold a view's name and its definition, a query."""

    name: str
    query: str


def read_view(statement: str) -> View | None:
    """Return the view that a statement of sql/ makes; None where it makes something else."""
    found = _VIEW.search(statement)
    return View(**found.groupdict()) if found else None


def make_relations(connection: Connection) -> None:
    """Run the statements of sql/, in order; of each view make an empty answer and the choice.

    The caller holds the transaction; the choice is the definition until the answers are kept.
    """
    columns = {relation.name: [column.name for column in relation.columns] for relation in relations()}
    connection.execute("create schema if not exists kept")
    connection.execute("create or replace table kept.state (of_tables varchar)")
    # Binding answers, to learn the columns, is quicker than binding definitions of definitions.
    _set_state(connection, "making")
    for statement in statements():
        view = read_view(statement)
        if view is None:
            connection.execute(statement)
        elif view.name in NEVER_KEPT:
            connection.execute(f"create view {view.name} as\n{view.query}")
        else:
            _keep(connection, view, "with no data")
            connection.execute(_choice(view, columns[view.name]))
    forget_answers(connection)


def forget_answers(connection: Connection) -> None:
    """Let the views take their definitions, before anything changes that the answers follow from."""
    _set_state(connection, "due")


def keep_answers(connection: Connection) -> str | None:
    """Let the views take kept answers, worked out anew where anything changed; in one transaction.

    Where results hold a value that some view cannot take, none is kept: the results are loaded all the same,
    views take their definitions, and the one that fails says why to whoever asks it. Returns the reason then.
    """
    try:
        with transaction(connection):
            _keep_all(connection)
    except RefusedError as error:
        forget_answers(connection)
        return str(error).splitlines()[0]
    return None


def _keep_all(connection: Connection) -> None:
    tables = connection.execute("select state_of_tables()").fetchone()
    if connection.execute("from kept.state").fetchone() != tables:
        _set_state(connection, "making")
        for view in filter(None, map(read_view, statements())):
            if view.name in TABLES:
                # The table has it all then, and nothing is new.
                keep_estimates(connection, view.name, view.query)
            elif view.name not in NEVER_KEPT:
                _keep(connection, view)
        replace(connection, "kept.state", [tables])
    _set_state(connection, "kept")


def _keep(connection: Connection, view: View, how: str = "") -> None:
    connection.execute(f"create or replace table kept.{view.name} as\n{view.query}\n{how}")


def _set_state(connection: Connection, state: str) -> None:
    connection.execute(f"create or replace macro state_of_answers() as '{state}'")


def _choice(view: View, columns: Sequence[str]) -> str:
    """Return the statement that makes a view of the warehouse, given its columns."""
    chosen = "own_answer_of" if view.name in OF_ONE_RUN | OF_ALL_RUNS else "answer_of"
    return (
        f"create view {view.name} as from query({chosen}(\n'{view.name}',\n"
        f"$kept$\n{_kept_query(view.name, columns)}\n$kept$,\n"
        f"$definition$\n{view.query}\n$definition$\n))"
    )


def _kept_query(name: str, columns: Sequence[str]) -> str:
    """Return the query for a kept answer: its selected rows, with labels as they are now."""
    replaced, joined = [], []
    for run, labels in _LABELS.items():
        found = {column: label for column, label in labels.items() if column in columns}
        if run in columns and found:
            alias = f"labels_of_{run}"
            replaced += [f"{alias}.{label} as {column}" for column, label in found.items()]
            joined.append(f"join run_labels {alias} on {alias}.run_id = answer.{run}")
    lines = [
        f"select answer.* replace ({', '.join(replaced)})" if replaced else "select answer.*",
        f"from kept.{name} answer",
        *joined,
    ]
    selected = [] if name in OF_ALL_RUNS or "run_id" not in columns else ["is_selected_run(answer.run_id)"]
    selected += [
        f"is_selected_score_type(answer.{column})"
        for column in ("score_type", "score_type_a", "score_type_b")
        if column in columns
    ]
    if name in OF_ONE_RUN | OF_ALL_RUNS and selected:
        lines.append(f"where {' and '.join(f'({condition})' for condition in selected)}")
    return "\n".join(lines)
