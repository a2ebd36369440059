"""Load results into a warehouse: find the runs, read their files, and write what follows from them."""

import gc
import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from .address import Address, Lake
from .ahead import attach, read_ahead, read_found
from .errors import LoaderError
from .exports.exports import export_of, open_exports
from .files.model_names import merge_names
from .find.links import Linked
from .find.names import CONFIG, name_runs
from .find.places import Places, is_gone
from .find.run_files import MISPLACED
from .find.walk import A_RUN, Found, discover
from .intake.reader import Progress, Reader
from .move import find_moved, moved_problem
from .records import Problem, Run, given_by
from .store import files as store
from .store import runs as run_records
from .store.connect import writing
from .store.history import note_load
from .store.lake import at_once
from .store.rows import Connection, transaction
from .views.build import apply_sql, check_version, current_info, is_current, read_info
from .views.keep import forget_rows, keep_rows
from .views.new import empty_warehouse
from .views.worst import worst_finding


class NoRunsError(LoaderError):
    """Say that there is nothing to load, and what a run looks like."""


class Summary(NamedTuple):
    """Count what a load did; problems and the worst finding are of all that was scanned, also unchanged."""

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
    worst_finding: str | None


class Settings(NamedTuple):
    """Hold what the user asked for beside the directories."""

    follow: bool = False
    prune: bool = False
    reread: bool = False
    model_names: Mapping[str, str] = {}
    wait_s: float = 10.0


def load(
    address: Address,
    results: Sequence[Path],
    settings: Settings,
    progress: Progress = lambda done, of: None,
) -> Summary:
    """Load the runs at and below `results` into the warehouse at an address, made if there is none.

    `progress` is told how many files are done, of how many. Raises NoRunsError, and WarehouseError when it
    cannot be written. What cannot be loaded of the results stands in `load_problems`.
    """
    began = time.monotonic()
    places = Places([_real_directory(root) for root in results], settings.follow)
    with _uncollected():
        summary = _load(address, results, places, settings, progress)
    # Closing wrote what was still in memory.
    return summary._replace(seconds=time.monotonic() - began)


def _load(
    address: Address, results: Sequence[Path], places: Places, settings: Settings, progress: Progress
) -> Summary:
    found, held = _with_exports(discover(places))
    is_new = isinstance(address, Path) and is_gone(address)
    if not found.runs and is_new:
        _refuse_nothing(results, found)
    empty = empty_warehouse(current_info()) if is_new else None
    with ExitStack() as stack:
        ahead = None
        if isinstance(address, Lake) and found.runs:
            # All that takes long, before others wait for the lake.
            read = read_ahead(
                address,
                found,
                places,
                held=held,
                reread=settings.reread,
                wait_s=settings.wait_s,
                progress=progress,
            )
            ahead = stack.enter_context(read)
        attached = [ahead.path] if ahead else []
        opened = writing(address, wait_s=settings.wait_s, empty=empty, attached=attached)
        connection = stack.enter_context(opened)
        if ahead:
            attach(connection, ahead.path)
        stack.enter_context(at_once(connection))
        fresh = is_current(connection)
        if not fresh:
            apply_sql(connection)
        missing = _missing_runs(connection, places, found.runs)
        if not found.runs and not missing:
            _refuse_nothing(results, found)
        forget_rows(connection)
        _register(connection, found.runs, settings.model_names)
        reader = Reader(
            connection, retry=not fresh, reread=settings.reread, progress=progress, held=held, ahead=ahead
        )
        linked, shared = read_found(reader, found, places)
        run_ids = [run.run_id for run in found.runs]
        n_gone = reader.mark_gone(run_ids, [*found.sources, *shared], linked.links, places.is_hidden)
        n_pruned = _finish(connection, places, found, linked, missing, reader.unread, settings.prune)
        refusal = keep_rows(connection)
        if refusal is not None:
            with transaction(connection):
                run_records.report_not_kept(connection, places.roots[0], refusal)
        counts = run_records.count_problems(connection, places.reached, run_ids)
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
            worst_finding=worst_finding(connection, run_ids),
        )


def _with_exports(found: Found) -> tuple[Found, Mapping[str, bytes]]:
    """Add what exports hold to what was found; return the bytes of that by path, too."""
    opened = open_exports(found.exports)
    added = found._replace(
        runs=sorted({*found.runs, *opened.runs}, key=lambda run: str(run.path)),
        sources=sorted(found.sources + opened.sources, key=lambda source: source.path),
        problems=found.problems + opened.problems,
    )
    return added, opened.contents


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


def make_lake(lake: Lake, wait_s: float) -> bool:
    """Make a lake that holds nothing, unless it is there; tell whether it is new. Raises WarehouseError."""
    with writing(lake, wait_s=wait_s) as connection, at_once(connection):
        if read_info(connection):
            check_version(connection)
            return False
        apply_sql(connection)
        return True


def refresh(address: Address, wait_s: float) -> None:
    """Make the tables' views again in an existing warehouse; raises WarehouseError."""
    with writing(address, wait_s=wait_s, must_exist=True) as connection, at_once(connection):
        apply_sql(connection)
        keep_rows(connection)


def _real_directory(root: Path) -> Path:
    """Return the real path of a directory that was given; raises NoRunsError where there is none."""
    try:
        is_directory = stat.S_ISDIR(root.stat().st_mode)
        os.fsencode(root.resolve()).decode()
    except UnicodeDecodeError as error:
        raise NoRunsError(f"{os.fsencode(root)!r}: found a path that is not UTF-8; rename it") from error
    except OSError as error:
        found = "nothing" if is_gone(root) else f"nothing to look at ({error.strerror})"
        raise NoRunsError(f"{root}: found {found}, wanted a directory of runs; {A_RUN}") from error
    if not is_directory:
        raise NoRunsError(f"{root}: found a file, wanted a directory of runs; {A_RUN}")
    return root.resolve()


def _holds_results(directory: Path) -> bool:
    try:
        return (directory / CONFIG).exists() or (directory / "scores").exists()
    except OSError:
        return False


def _refuse_nothing(results: Sequence[Path], found: Found) -> None:
    """Raise NoRunsError, unless there is what should have loaded: that is listed."""
    places = ", ".join(map(str, results))
    above = [parent for root in results for parent in root.resolve().parents if _holds_results(parent)]
    if above:
        raise NoRunsError(f"{places}: found no run; {A_RUN}; did you mean {above[0]}?")
    if not any(problem.severity == "failed" for problem in found.problems):
        odd = "".join(f"; {problem.path}: {problem.detail}" for problem in found.problems[:1])
        raise NoRunsError(f"{places}: found no run; {A_RUN}{odd}")


def _register(connection: Connection, runs: Sequence[Run], model_names: Mapping[str, str]) -> None:
    """Name the new runs, and write the display names of models."""
    with transaction(connection):
        given = run_records.run_names(connection)
        names = name_runs((run.path for run in runs), given)
        run_records.insert_runs(connection, [(run, names[run.path]) for run in runs if run.path in names])
        present, written = merge_names(*run_records.model_names(connection), model_names)
        run_records.write_model_names(connection, present, written)


def _missing_runs(connection: Connection, places: Places, runs: Sequence[Run]) -> list[Path]:
    """Return the directories within the roots that were runs at an earlier load, and are not now.

    Of one that cannot be looked at it is unknown.
    """
    found = {run.path for run in runs}
    return [
        path
        for path in run_records.run_names(connection)
        if path not in found
        and given_by(str(path)) is None
        and places.is_inside(path)
        and not places.hides_some(path)
    ]


def _finish(
    connection: Connection,
    places: Places,
    found: Found,
    linked: Linked,
    missing: Sequence[Path],
    unread: Sequence[Problem],
    prune: bool,
) -> int:
    """Write what the scan found, forget the runs to prune, and clean up; return how many runs were pruned."""
    problems = [*found.problems, *linked.problems, *unread]
    pruned = [path for path in missing if prune and is_gone(path) and is_gone(export_of(path))]
    moved = find_moved(connection, found.runs)
    # All of it is there under another path.
    pruned += [Path(copy.old) for copy in moved if prune and copy.is_whole and Path(copy.old) not in pruned]
    problems += [moved_problem(copy) for copy in moved if Path(copy.old) not in pruned]
    for path in set(missing) - set(pruned):
        gone = "this run's directory is gone" if is_gone(path) else "this directory holds no run any more"
        detail = f"{gone}; its data stays until the directory is gone and `loader load --prune` is run"
        problems.append(Problem(None, str(path), "run gone", "finding", detail))
    with transaction(connection):
        run_records.forget_runs(connection, pruned, "prune")
        problems += run_records.not_all_compared(connection, places.roots[0])
        run_ids = [run.run_id for run in found.runs]
        run_records.replace_links(connection, run_ids, linked.links)
        # What a run's config names may lie anywhere.
        shared = store.shared_paths(connection)
        problems = [p for p in problems if p.kind != MISPLACED or p.path not in shared]
        run_records.replace_scan_problems(connection, places.reached, run_ids, problems)
        note_load(connection)
        store.clean_superseded(connection)
    return len(pruned)
