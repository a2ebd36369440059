"""Read what a warehouse holds, for `loader status`, `problems` and `history`; prints nothing."""

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, NamedTuple, get_args

from .records import Severity
from .store.connect import WarehouseError, reading
from .views.build import check_version
from .views.worst import worst_finding

_STATUS = """
select
    r.run_name,
    r.model,
    c.score_type,
    count(c.latent_idx) as latents,
    coalesce(sum(c.n_examples), 0) as examples,
    sum(c.n_valid) / nullif(sum(c.n_examples), 0) as coverage,
    any_value(coalesce(p.problems, 0)) as problems
from runs r
left join behind_the_views.latent_confusion c using (run_id)
left join (
    select
        run_id,
        count(*) as problems
    from behind_the_views.loading_problems
    group by run_id
) p using (run_id)
group by all
order by
    r.run_name,
    c.score_type
"""

_PROBLEMS = """
select
    p.severity,
    p.kind,
    r.run_name,
    p.path,
    p.detail
from behind_the_views.loading_problems p
left join runs r using (run_id)
where ? is null or p.kind = ? or p.severity = ?
order by
    list_position(['failed', 'unsupported', 'finding'], p.severity),
    p.kind,
    p.path,
    p.detail
"""

_KINDS = "select distinct kind from behind_the_views.loading_problems order by kind"

_HISTORY = """
select
    loaded_at,
    event,
    coalesce(run_name, case when event <> 'upgrade' then 'shared files' end) as run_name,
    n_new,
    n_changed,
    n_gone
from load_history
order by
    load_id desc,
    run_name
"""


class Table(NamedTuple):
    """Hold the names and the rows of a result."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def read_status(path: Path, wait_s: float) -> Table:
    """Return a row per run and score type: its latents, examples, coverage, and the run's problems."""
    return _read(path, wait_s, _STATUS, [])


def read_history(path: Path, wait_s: float) -> Table:
    """Return a row per load and run that it changed, the newest load first; times by this machine's clock."""
    columns, rows = _read(path, wait_s, _HISTORY, [])
    local = [(time.replace(tzinfo=UTC).astimezone().replace(tzinfo=None), *rest) for time, *rest in rows]
    return Table(columns, local)


def read_problems(path: Path, wait_s: float, kind: str | None) -> Table:
    """Return a row a problem, the failed first; `kind` narrows it to one kind or severity.

    Raises WarehouseError on a kind that is neither, and of which there is no problem.
    """
    table = _read(path, wait_s, _PROBLEMS, [kind] * 3)
    severities = get_args(Severity)
    if kind is not None and not table.rows and kind not in severities:
        there = [name for (name,) in _read(path, wait_s, _KINDS, []).rows]
        raise WarehouseError(
            f"{path}: found no problem of the kind {kind!r}, wanted a severity ({', '.join(severities)}) "
            f"or one of the kinds that are there ({', '.join(there) or 'none'})"
        )
    return table


def read_worst_finding(path: Path, wait_s: float) -> str | None:
    """Return what is worst about the data, in one line; None if nothing is."""
    with reading(path, wait_s) as connection:
        return worst_finding(connection)


def _read(path: Path, wait_s: float, query: str, values: Sequence[Any]) -> Table:
    with reading(path, wait_s) as connection:
        check_version(connection)
        result = connection.execute(query, list(values))
        return Table(tuple(column[0] for column in result.description), result.fetchall())
