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

    read: files, id -> bytes, to what those hold that it reads
    insert: the statement that writes the rows, which stand in the relation `files`; it may leave files out
    """

    read: Callable[[Mapping[int, bytes]], FastRead]
    insert: str


class Family(NamedTuple):
    """Describe the files of a kind of scorer: how they are told, how they are read, and where they go.

    name: what messages call it
    keys: what each of its examples has, and no other family's
    table: the table that holds its examples
    read: a file's examples, as JSON holds them, to what `insert` takes; raises ScoreError
    insert: the statement that writes examples from the relation `files` (file_id, data: JSON in UTF-8); it
        may leave out files that `read` has not been over
    sums: the statement that works out, for the files of the relation `counted` that the same transaction has
        written ($first and $last are their lowest and highest file_id), what the measures are made of
    fast: a way past `read`
    """

    name: str
    keys: frozenset[str]
    table: str
    read: Callable[[Sequence[Any]], Read]
    insert: str
    sums: str
    fast: FastWay | None = None
