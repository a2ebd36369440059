"""Read what is new, changed or in doubt: files in batches, on threads, each batch a transaction."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from . import warehouse
from .batch import Outcome, load_batch
from .discover import Problem, Source
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


class Reader:
    """Read files in batches on threads, and keep count; each batch has its transaction."""

    def __init__(self, connection: Connection, *, retry: bool, progress: Progress) -> None:
        self.connection = connection
        self.progress = progress
        # What an older loader could not take, this one may.
        self.retry = retry
        self.known = warehouse.known_files(connection)
        self.first_id = self.next_id = warehouse.next_file_id(connection)
        self.n_done = self.n_loaded = self.n_unchanged = 0
        self.vanished: list[Problem] = []

    def read(self, sources: Sequence[Source], later: Sequence[Source] = ()) -> None:
        """Load the files that are new, changed, or in doubt; `later` ones only count for the progress."""
        due = [source for source in sources if self._is_due(source)]
        self.n_unchanged += len(sources) - len(due)
        if not due:
            return
        n_all = self.n_done + len(due) + sum(map(self._is_due, later))
        self.progress(self.n_done, n_all)
        for outcome, n_files in self._outcomes(due):
            self.n_loaded += sum(version.status == "loaded" for version in outcome.versions)
            self.n_unchanged += outcome.n_confirmed
            self.vanished += outcome.vanished
            self.n_done += n_files
            self.progress(self.n_done, n_all)

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
