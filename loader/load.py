"""Load results into a warehouse: find the runs, read their files, and write what follows from them."""

import gc
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from .errors import LoaderError
from .files.model_names import merge_names
from .find.links import Linked, link_runs
from .find.names import name_runs
from .find.walk import A_RUN, CONFIG, Found, discover
from .intake.reader import Progress, Reader
from .records import Problem, Run
from .store import files as store
from .store import runs as run_records
from .store.connect import connect, writing
from .store.rows import Connection, transaction
from .views.build import apply_sql, is_current
from .views.keep import forget_rows, keep_rows


class NoRunsError(LoaderError):
    """Say that there is nothing to load, and what a run looks like."""


class Summary(NamedTuple):
    """Count what a load did; the problems are those of all that was scanned, also of unchanged files."""

    n_runs: int
    n_loaded: int
    n_unchanged: int
    n_failed: int
    n_unsupported: int
    n_findings: int
    n_gone: int
    n_pruned_runs: int
    n_examples: int
    seconds: float


class Settings(NamedTuple):
    """Hold what the user asked for beside the directories."""

    follow: bool = False
    prune: bool = False
    model_names: Mapping[str, str] = {}
    wait_s: float = 10.0


def load(
    path: Path,
    results: Sequence[Path],
    settings: Settings,
    progress: Progress = lambda done, of: None,
) -> Summary:
    """Load the runs at and below `results` into the warehouse at `path`, made if there is none.

    `progress` is told how many files are done, of how many. Raises NoRunsError, and WarehouseError when the
    file cannot be written. What cannot be loaded of the results stands in `load_problems`.
    """
    began = time.monotonic()
    for root in results:
        if not root.is_dir():
            found = "a file" if root.exists() else "nothing"
            raise NoRunsError(f"{root}: found {found}, wanted a directory of runs; {A_RUN}")
    roots = [Path(os.path.realpath(root)) for root in results]
    with _uncollected():
        summary = _load(path, results, roots, settings, progress)
    # Closing wrote what was still in memory.
    return summary._replace(seconds=time.monotonic() - began)


def _load(
    path: Path, results: Sequence[Path], roots: Sequence[Path], settings: Settings, progress: Progress
) -> Summary:
    found = discover(roots, settings.follow)
    if not found.runs and not path.exists():
        raise NoRunsError(_no_runs(results))
    with writing(path), closing(connect(path, wait_s=settings.wait_s)) as connection:
        fresh = is_current(connection)
        if not fresh:
            apply_sql(connection)
        missing = _missing_runs(connection, roots, found.runs)
        if not found.runs and not missing:
            raise NoRunsError(_no_runs(results))
        forget_rows(connection)
        _register(connection, found.runs, settings.model_names)
        reader = Reader(connection, retry=not fresh, progress=progress)
        configs = [source for source in found.sources if source.kind == "config"]
        others = [source for source in found.sources if source.kind != "config"]
        # Configs say where other files are.
        reader.read(configs, later=others)
        linked = link_runs(found.runs, _configs(connection), roots, settings.follow)
        reader.read(others + linked.sources)
        n_gone = reader.mark_gone({run.run_id for run in found.runs}, found.sources + linked.sources)
        n_pruned = _finish(connection, roots, found, linked, missing, reader.vanished, settings.prune)
        refusal = keep_rows(connection)
        if refusal is not None:
            with transaction(connection):
                run_records.report_not_kept(connection, roots[0], refusal)
        counts = run_records.count_problems(connection, roots, [run.run_id for run in found.runs])
        return Summary(
            n_runs=len(found.runs),
            n_loaded=reader.n_loaded,
            n_unchanged=reader.n_unchanged,
            n_failed=counts["failed"],
            n_unsupported=counts["unsupported"],
            n_findings=counts["finding"],
            n_gone=n_gone,
            n_pruned_runs=n_pruned,
            n_examples=reader.n_examples,
            seconds=0,
        )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage in cycles: a record of each file is none, and looking takes a tenth of a reload."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def refresh(path: Path, wait_s: float) -> None:
    """Make the tables' views again in an existing warehouse; raises WarehouseError."""
    with writing(path), closing(connect(path, wait_s=wait_s, must_exist=True)) as connection:
        apply_sql(connection)
        keep_rows(connection)


def _no_runs(results: Sequence[Path]) -> str:
    places = ", ".join(map(str, results))
    above = [
        parent
        for root in results
        for parent in Path(os.path.realpath(root)).parents
        if (parent / CONFIG).is_file() or (parent / "scores").is_dir()
    ]
    hint = f"; did you mean {above[0]}?" if above else ""
    return f"{places}: found no run; {A_RUN}{hint}"


def _register(connection: Connection, runs: Sequence[Run], model_names: Mapping[str, str]) -> None:
    """Name the new runs, and write the display names of models."""
    with transaction(connection):
        given = run_records.run_names(connection)
        names = name_runs((run.path for run in runs), given)
        run_records.insert_runs(connection, [(run, names[run.path]) for run in runs if run.path in names])
        present, written = merge_names(*run_records.model_names(connection), model_names)
        run_records.write_model_names(connection, present, written)


def _missing_runs(connection: Connection, roots: Sequence[Path], runs: Sequence[Run]) -> list[Path]:
    """Return the directories within the roots that were runs at an earlier load, and are not now."""
    found = {run.path for run in runs}
    return [
        path
        for path in run_records.run_names(connection)
        if path not in found and any(path.is_relative_to(root) for root in roots)
    ]


def _configs(connection: Connection) -> dict[str, dict[str, Any]]:
    return {run_id: json.loads(config) for run_id, config in run_records.configs(connection).items()}


def _finish(
    connection: Connection,
    roots: Sequence[Path],
    found: Found,
    linked: Linked,
    missing: Sequence[Path],
    vanished: Sequence[Problem],
    prune: bool,
) -> int:
    """Write what the scan found, forget the runs to prune, and clean up; return how many runs were pruned."""
    problems = [*found.problems, *linked.problems, *vanished]
    # A directory that is there, but cannot be read just now, say, is not forgotten.
    pruned = [path for path in missing if prune and not path.exists()]
    for path in set(missing) - set(pruned):
        gone = "this directory holds no run any more" if path.exists() else "this run's directory is gone"
        detail = f"{gone}; its data stays until the directory is gone and `loader load --prune` is run"
        problems.append(Problem(None, str(path), "run gone", "finding", detail))
    with transaction(connection):
        run_records.forget_runs(connection, pruned)
        run_ids = [run.run_id for run in found.runs]
        run_records.replace_links(connection, run_ids, linked.links)
        run_records.replace_scan_problems(connection, roots, run_ids, problems)
        store.clean_superseded(connection)
    return len(pruned)
