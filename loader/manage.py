"""Change what a warehouse holds of runs other than by loading: drop some, rename their models."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from explainer_warehouse.nearest import did_you_mean

from .address import Address
from .errors import LoaderError
from .store import runs as run_records
from .store.rows import Connection, transaction
from .views.change import changing
from .views.keep import forget_rows

# What a user may call a run, the surest first: what only one run is called so far decides.
_CALLED = ("run_name", "run_path", "run_id", "directory_name", "run_label")
_RUNS = f"select {', '.join(_CALLED)} from run_directories join behind_the_views.run_labels using (run_id)"
# A run's keys in model_names, and its label.
_KEYS = """
select
    unnest([directory_name, explainer_model, explainer_last_part]) as key,
    run_label
from behind_the_views.run_configs
join behind_the_views.run_labels using (run_id)
"""


class UnknownNameError(LoaderError):
    """Say that no run, or more than one, is called so, and what there is."""


class Dropped(NamedTuple):
    """Hold the names of the runs that were dropped, and how many files had been read from them."""

    run_names: list[str]
    n_files: int


def drop_runs(path: Address, called: Sequence[str], wait_s: float) -> Dropped:
    """Forget runs and all that was read from them; their directories stay as they are.

    called: a run's name, its directory or the last part of it, its id or its label
    Raises UnknownNameError, and WarehouseError.
    """
    with changing(path, wait_s) as connection:
        runs = connection.execute(_RUNS).fetchall()
        chosen = dict.fromkeys(_only_run(runs, name) for name in called)
        forget_rows(connection)
        before = _count_files(connection)
        with transaction(connection):
            run_records.forget_runs(connection, [Path(run_path) for _, run_path in chosen], "drop")
            run_records.forget_unused_files(connection)
        n_files = before - _count_files(connection)
    return Dropped([run_name for run_name, _ in chosen], n_files)


def rename_model(path: Address, key: str, name: str, wait_s: float) -> list[str]:
    """Give a display name to the runs of a directory's name or an explainer model; return their labels.

    Raises UnknownNameError, and WarehouseError.
    """
    if not name.strip():
        raise UnknownNameError(f"found {name!r} as a name for {key!r}, wanted one that can be read")
    with changing(path, wait_s) as connection:
        keys = {found for found, _ in connection.execute(_KEYS).fetchall() if found}
        if key not in keys:
            there = did_you_mean(key, keys) or f"; there are {_listed(keys)}"
            raise UnknownNameError(f"no run has the directory or the explainer model {key!r}{there}")
        with transaction(connection):
            present, given = run_records.model_names(connection)
            # As if edited with SQL: no later load takes it back.
            run_records.write_model_names(connection, present | {key: name}, given)
        return sorted({label for found, label in connection.execute(_KEYS).fetchall() if found == key})


def _only_run(runs: Sequence[tuple[str, ...]], called: str) -> tuple[str, str]:
    """Return the name and the path of the one run that is called so."""
    for place in range(len(_CALLED)):
        found = [run for run in runs if run[place] == called]
        if len(found) == 1:
            return found[0][0], found[0][1]
        if found:
            names = _listed(run[0] for run in found)
            raise UnknownNameError(f"{len(found)} runs are called {called!r}; say which: {names}")
    known = {part for run in runs for part in run}
    there = did_you_mean(called, known) or f"; there are {_listed(run[0] for run in runs)}"
    raise UnknownNameError(f"no run is called {called!r}{there}")


def _listed(names: Iterable[str], at_most: int = 20) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - at_most} more" if len(ordered) > at_most else ""
    return (", ".join(ordered[:at_most]) or "none") + more


def _count_files(connection: Connection) -> int:
    number: int
    [(number,)] = connection.execute("select count(*) from source_files").fetchall()
    return number
