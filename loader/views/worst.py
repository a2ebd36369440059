"""Say what is worst about the data of runs, in one line."""

from collections.abc import Sequence

from ..store.rows import Connection

_WORST = """
select concat_ws(', ', run_label, score_type) || ': ' || finding || ' ' || meaning
from data_quality
where ? is null or list_contains(?, run_id)
order by worst
limit 1
"""


def worst_finding(connection: Connection, run_ids: Sequence[str] | None = None) -> str | None:
    """Return the worst finding of data_quality about these runs, or all; None if there is none.

    A warehouse that keeps no rows, since results hold what some view cannot take, is not asked.
    """
    if connection.execute("select rows_are_kept()").fetchone() != (True,):
        return None
    wanted = None if run_ids is None else list(run_ids)
    found = connection.execute(_WORST, [wanted, wanted]).fetchone()
    return None if found is None else f"Worst in the data: {found[0]}"
