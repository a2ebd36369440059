"""Read what is new, changed or in doubt, on threads, and write it in large transactions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from ..records import Link, Problem, Source, given_by
from ..store import files as store
from ..store.ahead import Ahead, bring_ahead, confirm_ahead
from ..store.files import FileVersion
from ..store.lake import is_lake
from ..store.rows import Connection, transaction
from .batch import Known, Outcome, load_batches
from .parts import Handout, cut

# What waits in memory for a checkpoint is not compressed; each one writes the last row group again.
CHECKPOINT_BYTES = 256 << 20
# Each takes some 100 MB; more of them would break the promise of less than 1 GiB.
THREADS = 2
PROGRESS_S = 0.1
# A file system's clock may be this coarse: a file as young as this when it was loaded may have changed since.
DOUBT_NS = 2_000_000_000

Progress = Callable[[int, int], None]


class Reader:
    """Read files on threads, and keep count."""

    def __init__(
        self,
        connection: Connection,
        *,
        retry: bool,
        reread: bool,
        progress: Progress,
        held: Mapping[str, bytes] = MappingProxyType({}),
        ahead: Ahead | None = None,
    ) -> None:
        self.connection = connection
        # What need not be read any more, if nobody has loaded it meanwhile.
        self.ahead = ahead
        # The bytes of sources that lie in no file of their own, by path.
        self.held = held
        self.progress = progress
        # What an older loader could not take, this one may.
        self.retry = retry
        # Also what has neither another size nor another time than when it was loaded.
        self.reread = reread
        self.known = store.known_files(connection)
        # A file with the same content as here need not be parsed.
        self.compared = {
            path: file for path, file in self.known.items() if file.status == "loaded" or not retry
        }
        self.next_id = store.next_file_id(connection)
        self.n_done = self.n_loaded = self.n_unchanged = self.n_examples = 0
        self.unread: list[Problem] = []

    def read(self, sources: Sequence[Source], later: Sequence[Source] = ()) -> None:
        """Load the files that are new, changed, or in doubt; `later` ones only count for the progress."""
        due = [source for source in sources if self._is_due(source)]
        self.n_unchanged += len(sources) - len(due)
        if self.ahead:
            due = self._bring(due, self.ahead)
        if not due:
            return
        n_all = self.n_done + len(due) + sum(map(self._is_due, later))
        handout = Handout(cut(enumerate(due, self.next_id)))
        self.next_id += len(due)
        self.progress(self.n_done, n_all)
        with _one_thread_a_query(self.connection):
            while not handout.is_exhausted:
                for outcome in self._outcomes(handout, n_all):
                    self.n_loaded += outcome.n_loaded
                    self.n_examples += outcome.n_examples
                    self.n_unchanged += outcome.n_confirmed
                    self.unread += outcome.unread
                if not handout.is_exhausted and not is_lake(self.connection):
                    self.connection.execute("checkpoint")
        self.n_done += handout.n_files
        self.progress(self.n_done, n_all)

    def mark_gone(
        self,
        run_ids: Sequence[str],
        sources: Sequence[Source],
        links: Sequence[Link],
        is_hidden: Callable[[str], bool],
    ) -> int:
        """Supersede files of scanned runs, and of the links' directories, that are gone; return how many are.

        What is hidden is not gone: nothing is known of it.
        """
        runs, present = set(run_ids), {source.path for source in sources}
        shared = {link.path for link in links}
        gone = [
            (path, file)
            for path, file in self.known.items()
            if path not in present
            and given_by(path) is None
            and (file.run_id in runs if file.run_id else str(Path(path).parent) in shared)
            and not is_hidden(path)
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
            store.insert_versions(self.connection, versions)
        return len(gone)

    def _bring(self, due: Sequence[Source], ahead: Ahead) -> list[Source]:
        """Write what was read ahead; return what is to be read here: others have loaded it since."""
        brought, confirmed, rest = {}, {}, []
        for source in due:
            read, before = ahead.read.get(source.path), ahead.before.get(source.path)
            known, compared = self.known.get(source.path), self.compared.get(source.path)
            is_new = read is not None and (before is None or read.file_id != before.file_id)
            if read and read.content_hash and compared and compared.content_hash == read.content_hash:
                confirmed[compared.file_id] = read
            elif read and is_new and known == before:
                brought[self.next_id] = read.file_id
                self.next_id += 1
            else:
                rest.append(source)
        with transaction(self.connection):
            n_loaded, n_examples = bring_ahead(self.connection, brought)
            confirm_ahead(self.connection, confirmed)
        self.n_loaded += n_loaded
        self.n_examples += n_examples
        self.n_unchanged += len(confirmed)
        return rest

    def _is_due(self, source: Source) -> bool:
        known = self.known.get(source.path)
        if (
            self.reread
            or known is None
            or known.content_hash is None
            or (self.retry and known.status != "loaded")
        ):
            return True
        same = (known.size, known.mtime_ns) == (source.size, source.mtime_ns)
        return not same or known.mtime_ns > known.loaded_ns - DOUBT_NS

    def _outcomes(self, handout: Handout, n_all: int) -> list[Outcome]:
        """Load on threads what is handed out, until none is left, or too much waits in memory."""
        handout.is_open = True
        if is_lake(self.connection):
            # All that comes to a lake is in one transaction, and so comes by one connection.
            return self._load(self.connection, handout)
        outcomes: list[Outcome] = []
        pool = ThreadPoolExecutor(THREADS)
        try:
            pending: set[Future[list[Outcome]]] = {
                pool.submit(self._load, self.connection.cursor(), handout) for _ in range(THREADS)
            }
            while pending:
                finished, pending = wait(pending, PROGRESS_S, FIRST_EXCEPTION)
                self.progress(self.n_done + handout.n_files, n_all)
                for future in finished:
                    outcomes += future.result()
        finally:
            # After an error or Ctrl-C each thread still writes what it has read.
            handout.is_open = False
            pool.shutdown()
        return outcomes

    def _load(self, cursor: Connection, handout: Handout) -> list[Outcome]:
        outcomes = []
        n_bytes_waiting = 0
        for outcome in load_batches(cursor, handout, Known(self.compared, self.held)):
            outcomes.append(outcome)
            n_bytes_waiting += outcome.n_bytes_waiting
            if n_bytes_waiting >= CHECKPOINT_BYTES // THREADS:
                handout.is_open = False
        return outcomes


@contextmanager
def _one_thread_a_query(connection: Connection) -> Iterator[None]:
    """Let each query run on the thread that asks: there are as many as the processors can serve."""
    connection.execute("set threads = 1")
    try:
        yield
    finally:
        connection.execute("reset threads")
