"""Say what the loader needs to know of a score family; `families` lists them all."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ..parse import Finding


class ScoreError(ValueError):
    """Say what was found, what was wanted and what to do; the caller adds the file's name."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class ArrowStream(Protocol):
    """Hold rows that DuckDB can read where they are."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Return an Arrow stream of the rows, in a PyCapsule."""


class Read(NamedTuple):
    """Hold a file's examples as its family's `insert` takes them, and what is odd about the file."""

    examples: list[dict[str, Any]]
    findings: list[Finding]


class FastRead(NamedTuple):
    """Hold what a fast way read of many files.

    rows: as its `insert` takes them; None if there are none
    n_examples: how many each file has that was read, by id
    findings: what is odd about some of these, by id
    """

    rows: ArrowStream | None
    n_examples: dict[int, int]
    findings: dict[int, list[Finding]]


class FastWay(NamedTuple):
    """Read many files at once, in schemas that delphi writes or wrote; leave all others to the exact way.

    read: files, id -> bytes, to what those hold that it reads; without it, `insert` is shown the files
    insert: the statement that writes the rows, or the files (file_id, data), which stand in the relation
        `files`; it takes a file whole or leaves it out
    """

    read: Callable[[Mapping[int, bytes]], FastRead] | None
    insert: str


class Family(NamedTuple):
    """Describe the files of a kind of scorer: how they are told, how they are read, and where they go.

    name: what messages call it
    keys: what its examples have, and no other family's: a set for each of its versions, the newest first
    table: the table that holds its examples
    fast: the way for what delphi writes or wrote
    read: a file's examples, as JSON holds them, to what `insert` takes; raises ScoreError
    insert: the statement that writes what `read` has read, from the relation `files` (file_id, data: JSON)
    sums: what its measures are made of: the view that works it out by file_id, and the table that keeps it
    """

    name: str
    keys: tuple[frozenset[str], ...]
    table: str
    fast: FastWay
    read: Callable[[Sequence[Any]], Read]
    insert: str
    sums: tuple[str, str]
