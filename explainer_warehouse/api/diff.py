"""Say what changed between two states of runs, measure by measure, with its paired interval."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from loader.views.keep import work_out_here
from reports.warehouse import literal

from .states import ChangedScores, DiffError, bring_files, bring_times


class Change(NamedTuple):
    """Hold how a measure of a run changed: on all latents, and the difference on those in both states.

    average: pooled, or macro where the measure is a mean over latents
    verdict: better, worse or same, by Holm's method over all changes at 5 %; came or went, if one state has
        no such scores, or no such run; None if there is no test, for `reason`
    """

    run_name: str
    score_type: str | None = None
    measure: str | None = None
    average: str | None = None
    old: float | None = None
    new: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    n_latents: int | None = None
    p_adjusted: float | None = None
    verdict: str | None = None
    reason: str | None = None


def diff_files(old: Path, new: Path) -> list[Change]:
    """Compare two warehouses. Raises DiffError."""
    with closing(duckdb.connect()) as connection, _refusals():
        return _compare(connection, bring_files(connection, old, new))


def diff_since(path: Path, time: datetime) -> list[Change]:
    """Compare a warehouse with what it was after its last load until a time, UTC. Raises DiffError."""
    with closing(duckdb.connect()) as connection, _refusals():
        return _compare(connection, bring_times(connection, path, time))


@contextmanager
def _refusals() -> Iterator[None]:
    """Say in one line that a view of somebody's wanted to read what is not its own."""
    try:
        yield
    except duckdb.PermissionException as error:
        raise DiffError(str(error).splitlines()[0]) from error


def _compare(connection: duckdb.DuckDBPyConnection, changed: list[ChangedScores]) -> list[Change]:
    make_changes(connection)
    ends = []
    runs = {}
    for name, score_type, old_id, new_id in changed:
        if old_id and new_id:
            runs[old_id, new_id] = name
        else:
            ends.append(Change(name, score_type, verdict="came" if new_id else "went"))
    for (old_id, new_id), name in runs.items():
        add_changes(connection, name, old_id, new_id)
    return sorted(
        [*ends, *judge(connection)], key=lambda c: (c.run_name, c.score_type or "", c.measure or "")
    )


def make_changes(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table of changes, to be judged together in families."""
    connection.execute(
        """
        create or replace temporary table changes (
            family varchar, run_name varchar, score_type varchar, measure varchar, average varchar,
            old double, new double, difference double, low double, high double,
            n_latents bigint, p_value double, reason varchar
        )
        """
    )


def add_changes(
    connection: duckdb.DuckDBPyConnection, name: str, old_id: str, new_id: str, family: str = "'all'"
) -> None:
    """Compare two states of a run; family: SQL that says what is judged together."""
    selected = literal([old_id, new_id])
    connection.execute(f"set variable selected_runs = {selected}; set variable same_latents = ['*']")
    work_out_here(connection, ["run_measures", "model_comparison"])
    connection.execute(
        f"""
        insert into changes
        select {family}, {literal(name)}, *
        from changes_of({literal(old_id)}, {literal(new_id)})
        """
    )


def judge(connection: duckdb.DuckDBPyConnection) -> list[Change]:
    """Judge the changes, each family of them on its own."""
    rows = connection.execute(f"select {', '.join(Change._fields)} from judged_changes('changes')").fetchall()
    return [Change(*row) for row in rows]
