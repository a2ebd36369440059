"""Load results into a warehouse: find the files, read what is new or changed, write it in batches."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from . import run_records, warehouse
from .batch import Outcome, load_batch
from .build import apply_sql, is_current
from .connect import connect, writing
from .discover import A_RUN, CONFIG, Found, Problem, Run, Source, discover
from .errors import LoaderError
from .keep import keep_estimates
from .links import Linked, link_runs
from .model_names import merge_names
from .names import name_runs
from .rows import Connection, transaction
from .warehouse import FileVersion

# A batch is one transaction: large enough that planning its statements costs little, small enough for memory.
BATCH_FILES = 256
BATCH_BYTES = 12 << 20
# What is committed stays in memory, uncompressed, until a checkpoint; each writes the last row group anew.
CHECKPOINT_BYTES = 256 << 20
# One more than the machine may have: while one waits for the disk, the others work.
THREADS = 3
# A file system's clock may be this coarse: a file as young as this when it was loaded may have changed since.
DOUBT_NS = 2_000_000_000

Progress = Callable[[int, int], None]


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
    """Load the runs at and below `results` into the warehouse at `path`, made where there is none.

    `progress` is told how many files are done, of how many. Raises NoRunsError, and WarehouseError when the
    file cannot be written. What cannot be loaded of the results stands in `load_problems`.
    """
    began = time.monotonic()
    for root in results:
        if not root.is_dir():
            found = "a file" if root.exists() else "nothing"
            raise NoRunsError(f"{root}: found {found}, wanted a directory of runs; {A_RUN}")
    roots = [Path(os.path.realpath(root)) for root in results]
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
        _register(connection, found.runs, settings.model_names)
        reader = _Reader(connection, retry=not fresh, progress=progress)
        early = [source for source in found.sources if source.kind == "config"]
        reader.read(early)
        linked = link_runs(found.runs, _configs(connection), roots, settings.follow)
        reader.read([source for source in found.sources if source.kind != "config"] + linked.sources)
        n_gone = reader.mark_gone({run.run_id for run in found.runs}, found.sources + linked.sources)
        n_pruned = _finish(connection, roots, found, linked, missing, reader.vanished, settings.prune)
        keep_estimates(connection)
        counts = run_records.count_problems(connection, roots, [run.run_id for run in found.runs])
        summary = Summary(
            n_runs=len(found.runs),
            n_loaded=reader.n_loaded,
            n_unchanged=reader.n_unchanged,
            n_failed=counts["failed"],
            n_unsupported=counts["unsupported"],
            n_findings=counts["finding"],
            n_gone=n_gone,
            n_pruned_runs=n_pruned,
            n_examples=warehouse.count_examples(connection, reader.first_id),
            seconds=0,
        )
    # Closing writes what is still in memory.
    return summary._replace(seconds=time.monotonic() - began)


def refresh(path: Path, wait_s: float) -> None:
    """Make the tables' views anew in an existing warehouse; raises WarehouseError."""
    with writing(path), closing(connect(path, wait_s=wait_s, must_exist=True)) as connection:
        apply_sql(connection)
        keep_estimates(connection)


class _Reader:
    """Read files in batches on threads, and keep count; each batch has its transaction."""

    def __init__(self, connection: Connection, *, retry: bool, progress: Progress) -> None:
        self.connection = connection
        self.progress = progress
        # What an older loader could not take, this one may.
        self.retry = retry
        self.known = warehouse.known_files(connection)
        self.first_id = self.next_id = warehouse.next_file_id(connection)
        self.n_loaded = self.n_unchanged = 0
        self.vanished: list[Problem] = []

    def read(self, sources: Sequence[Source]) -> None:
        """Load the files that are new, changed, or in doubt."""
        due = [source for source in sources if self._is_due(source)]
        self.n_unchanged += len(sources) - len(due)
        done = 0
        self.progress(done, len(due))
        for outcome, size in self._outcomes(due):
            self.n_loaded += sum(version.status == "loaded" for version in outcome.versions)
            self.n_unchanged += outcome.n_confirmed
            self.vanished += outcome.vanished
            done += size
            self.progress(done, len(due))

    def mark_gone(self, run_ids: set[str], sources: Sequence[Source]) -> int:
        """Supersede the files of scanned runs that are no longer there; return how many are gone in all."""
        present = {source.path for source in sources}
        gone = [
            (path, file)
            for path, file in self.known.items()
            if file.run_id in run_ids and path not in present
        ]
        versions = []
        for path, file in gone:
            if file.status != "gone":
                source = Source(file.run_id, path, file.kind, file.size, file.mtime_ns)
                detail = "was loaded before and is no longer there; what it held is left out"
                problem = Problem(file.run_id, path, "gone", "finding", detail)
                versions.append(FileVersion(self.next_id, source, None, "gone", (problem,)))
                self.next_id += 1
        with transaction(self.connection):
            warehouse.insert_versions(self.connection, versions)
        return len(gone)

    def _is_due(self, source: Source) -> bool:
        known = self.known.get(source.path)
        if known is None or known.content_hash is None or (self.retry and known.status != "loaded"):
            return True
        same = (known.size, known.mtime_ns) == (source.size, source.mtime_ns)
        return not same or known.mtime_ns > known.loaded_ns - DOUBT_NS

    def _batches(self, sources: Sequence[Source]) -> Iterator[dict[int, Source]]:
        batch: dict[int, Source] = {}
        size = 0
        for source in sources:
            if batch and (len(batch) == BATCH_FILES or size + source.size > BATCH_BYTES):
                yield batch
                batch, size = {}, 0
            batch[self.next_id] = source
            self.next_id += 1
            size += source.size
        if batch:
            yield batch

    def _outcomes(self, sources: Sequence[Source]) -> Iterator[tuple[Outcome, int]]:
        """Yield what became of each batch, as it is done, with the number of its files."""
        local = threading.local()
        known = {} if self.retry else self.known

        def work(batch: dict[int, Source]) -> tuple[Outcome, int]:
            if not hasattr(local, "cursor"):
                local.cursor = self.connection.cursor()
            return load_batch(local.cursor, batch, known), len(batch)

        pool = ThreadPoolExecutor(THREADS)
        try:
            for i, batches in enumerate(_until(CHECKPOINT_BYTES, self._batches(sources))):
                if i > 0:
                    self.connection.execute("checkpoint")
                pending: set[Future[tuple[Outcome, int]]] = {pool.submit(work, batch) for batch in batches}
                while pending:
                    finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                    for future in finished:
                        yield future.result()
        finally:
            # After an error or Ctrl-C: what runs ends its transaction, what waits is not begun.
            pool.shutdown(wait=True, cancel_futures=True)


def _until(limit: int, batches: Iterable[dict[int, Source]]) -> Iterator[list[dict[int, Source]]]:
    """Yield lists of batches, each of about `limit` bytes."""
    together: list[dict[int, Source]] = []
    size = 0
    for batch in batches:
        together.append(batch)
        size += sum(source.size for source in batch.values())
        if size >= limit:
            yield together
            together, size = [], 0
    if together:
        yield together


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
        warehouse.clean_superseded(connection)
    return len(pruned)
