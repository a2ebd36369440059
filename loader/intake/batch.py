"""Read a batch of files and write what they hold in one transaction: whole files, or none of the batch."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from threading import Lock
from typing import NamedTuple

from ..files.parse import PARSERS, Finding, ParseError, parse_firing_counts
from ..files.raw import (
    MAX_BYTES,
    MAX_FIRING_COUNT_BYTES,
    Content,
    ReadError,
    UnreadableError,
    VanishedError,
    content_of,
    read_content,
)
from ..files.redact import redact_text
from ..files.scores.families import UnsupportedScoresError, by_family, read_scores, with_parser
from ..files.scores.family import Family, ScoreError
from ..records import Problem, Severity, Source
from ..store import files as store
from ..store.checksums import note_checksums
from ..store.files import FileVersion, KnownFile
from ..store.rows import Connection, RefusedError, transaction
from .parts import Part, cut, is_large

# DuckDB compresses and writes a row group as soon as one transaction has filled it. Fewer rows wait in memory
# for a checkpoint, which also writes neighbouring row groups again if they fit into fewer; two halves fit as
# soon as a few rows are deleted. So a transaction fills row groups as nearly as its parts allow.
ROW_GROUP = 122_880
ENOUGH_ROWS = 2 * ROW_GROUP
# The same for rows of long texts, which would take memory without bound.
ENOUGH_BYTES = 192 << 20
# Reading a file takes several times its size of memory, so that one thread at a time reads a large one.
_ALONE = Lock()


class Outcome(NamedTuple):
    """Hold what became of files: how many were loaded, how many found the same, and which could not be read.

    n_examples: that the loaded score files hold
    n_bytes_waiting: the size of the files whose rows wait in memory for a checkpoint
    """

    n_loaded: int
    n_examples: int
    n_confirmed: int
    unread: list[Problem]
    n_bytes_waiting: int


class Known(NamedTuple):
    """Hold what is known of files by path: versions in the database, bytes of those that lie nowhere."""

    versions: Mapping[str, KnownFile]
    held: Mapping[str, bytes]


def load_batches(connection: Connection, parts: Iterator[Part], known: Known) -> Iterator[Outcome]:
    """Read and write parts until there is none left."""
    while outcomes := _load_batch(connection, parts, known):
        yield from outcomes


def _load_batch(
    connection: Connection,
    parts: Iterator[Part],
    known: Known,
    refusal: str | None = None,
) -> list[Outcome]:
    """Read and write parts in one transaction until it has enough; return nothing if there was no part."""
    batch = _Batch(connection, known, refusal)
    try:
        with transaction(connection):
            for part in parts:
                with _ALONE if is_large(part) else nullcontext():
                    batch.load(part)
                if batch.has_enough():
                    break
            return [batch.finish()] if batch.taken else []
    except RefusedError as error:
        if refusal is not None or not batch.taken:
            raise
        # One file's content made a statement fail that writes many: halve them to find it, and load the rest.
        files = list(batch.taken.items())
        if len(files) == 1:
            refusal = f"DuckDB could not take it: {str(error).splitlines()[0]}"
            return _load_batch(connection, cut(files), known, refusal)
        middle = len(files) // 2
        halves = (files[:middle], files[middle:])
        return [outcome for half in halves for outcome in load_batches(connection, cut(half), known)]


class _Batch:
    """Gather what one transaction reads and writes; with a `refusal`, list the files with it as failed."""

    def __init__(self, connection: Connection, known: Known, refusal: str | None) -> None:
        self.connection = connection
        self.known, self.held = known
        self.refusal = refusal
        self.taken: Part = {}
        self.n_bytes = self.n_rows = self.most_rows = 0
        self.scored: dict[Family, list[int]] = {}
        self.versions: list[FileVersion] = []
        self.confirmed: dict[int, int] = {}
        self.unread: list[Problem] = []

    def has_enough(self) -> bool:
        return self.n_rows + self.most_rows > ENOUGH_ROWS or self.n_bytes >= ENOUGH_BYTES

    def load(self, part: Part) -> None:
        """Read files, and write what those hold that are new or changed."""
        self.taken |= part
        n_rows_before = self.n_rows
        contents: dict[int, Content] = {}
        for file_id, source in part.items():
            content = self._read(file_id, source)
            if content is None:
                continue
            self.n_bytes += len(content.data)
            before = self.known.get(source.path)
            if before is not None and before.content_hash == content.content_hash:
                self.confirmed[before.file_id] = content.mtime_ns
            elif self.refusal is not None:
                problem = _problem(source, "refused", "failed", self.refusal)
                self.versions.append(_version(file_id, source, content, "failed", problem))
            else:
                contents[file_id] = content
        self._write({file_id: part[file_id] for file_id in contents}, contents)
        self.most_rows = max(self.most_rows, self.n_rows - n_rows_before)

    def finish(self) -> Outcome:
        """Write what follows from all that was read."""
        for family, file_ids in self.scored.items():
            store.insert_sums(self.connection, *family.sums, file_ids)
        store.insert_versions(self.connection, self.versions)
        note_checksums(self.connection, [version.file_id for version in self.versions])
        store.confirm_files(self.connection, self.confirmed)
        n_loaded = sum(version.status == "loaded" for version in self.versions)
        n_bytes_waiting = self.n_bytes if self.n_rows < ROW_GROUP else 0
        return Outcome(n_loaded, self.n_rows, len(self.confirmed), self.unread, n_bytes_waiting)

    def _read(self, file_id: int, source: Source) -> Content | None:
        if (held := self.held.get(source.path)) is not None:
            return content_of(held, source.mtime_ns)
        max_bytes = MAX_FIRING_COUNT_BYTES if source.kind == "firing_counts" else MAX_BYTES
        try:
            return read_content(source.path, max_bytes)
        except VanishedError as error:
            self.unread.append(_problem(source, "vanished", "finding", str(error)))
        except ReadError as error:
            known = self.known.get(source.path)
            if isinstance(error, UnreadableError) and known and known.status == "loaded":
                detail = f"{error}; what was loaded from it before stays"
                self.unread.append(_problem(source, "unreadable", "failed", detail))
                return None
            problem = _problem(source, "unreadable", "failed", str(error))
            self.versions.append(FileVersion(file_id, source, None, "failed", (problem,)))
        return None

    def _write(self, sources: Part, contents: Mapping[int, Content]) -> None:
        data: dict[str, dict[int, bytes]] = {"score": {}, "explanation": {}}
        for file_id, source in sources.items():
            if source.kind in data:
                data[source.kind][file_id] = contents[file_id].data
        explained = store.insert_explanations(self.connection, data["explanation"])
        done: dict[int, list[Finding]] = {file_id: [] for file_id in explained}
        # A parser is quicker to refuse a file than keys are to be found in it.
        for family in with_parser():
            done |= self._insert_scores(family, data["score"])
        rest = {file_id: file for file_id, file in data["score"].items() if file_id not in done}
        for family, files in by_family(rest).items():
            if family.fast.read is None:
                done |= self._insert_scores(family, files)
        exact: dict[Family, dict[int, str]] = {}
        for file_id, source in sources.items():
            content = contents[file_id]
            if file_id in done:
                problems = _findings(source, done[file_id])
                self.versions.append(_version(file_id, source, content, "loaded", *problems))
                continue
            try:
                problems = []
                if source.kind == "score":
                    scores = read_scores(content.data)
                    exact.setdefault(scores.family, {})[file_id] = scores.examples
                    problems = _findings(source, scores.findings)
                elif source.kind == "firing_counts":
                    found = parse_firing_counts(content.data)
                    store.insert_firing_counts(self.connection, file_id, found)
                else:
                    parsed = PARSERS[source.kind](content.data)
                    store.insert_rows(self.connection, parsed.table, file_id, parsed.rows)
                    problems = _findings(source, parsed.findings)
            except UnsupportedScoresError as error:
                problem = _problem(source, "not yet loaded", "unsupported", str(error))
                self.versions.append(_version(file_id, source, content, "unsupported", problem))
            except (ScoreError, ParseError) as error:
                problem = _problem(source, error.kind, "failed", str(error))
                self.versions.append(_version(file_id, source, content, "failed", problem))
            else:
                self.versions.append(_version(file_id, source, content, "loaded", *problems))
        for family, texts in exact.items():
            self._count(family, store.insert_scores(self.connection, family.table, family.insert, texts))

    def _insert_scores(self, family: Family, files: Mapping[int, bytes]) -> dict[int, list[Finding]]:
        """Write the examples of the files that need not be read the exact way; return their findings."""
        table, (read, statement) = family.table, family.fast
        findings: dict[int, list[Finding]] = {}
        if read is None:
            taken = store.insert_scores(self.connection, table, statement, files)
        else:
            rows, taken, findings = read(files)
            if rows is not None:
                taken = store.insert_read_scores(self.connection, table, statement, rows, taken)
        return {file_id: findings.get(file_id, []) for file_id in self._count(family, taken)}

    def _count(self, family: Family, n_examples: Mapping[int, int]) -> set[int]:
        self.n_rows += sum(n_examples.values())
        self.scored.setdefault(family, []).extend(n_examples)
        return set(n_examples)


def _version(file_id: int, source: Source, content: Content, status: str, *problems: Problem) -> FileVersion:
    # As it was read, in case it changed since it was listed.
    read = source._replace(size=len(content.data), mtime_ns=content.mtime_ns)
    return FileVersion(file_id, read, content.content_hash, status, problems)


def _findings(source: Source, findings: Sequence[Finding]) -> list[Problem]:
    return [_problem(source, kind, "finding", detail) for kind, detail in findings]


def _problem(source: Source, kind: str, severity: Severity, detail: str) -> Problem:
    return Problem(source.run_id, source.path, kind, severity, redact_text(detail))
