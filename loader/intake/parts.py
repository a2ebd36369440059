"""Cut what is to be read into parts, and hand them out to several threads."""

from collections.abc import Iterable, Iterator
from threading import Lock

from ..records import Source

# What one statement takes: enough that planning it costs little.
PART_FILES = 512
# To compile the looks of secrets takes as long as 1,000 of these.
PART_EXPLANATIONS = 4096
PART_BYTES = 24 << 20
# Reading a file the exact way takes several times its size of memory.
LARGE_BYTES = 6 << 20

# Files by the id they get.
Part = dict[int, Source]


def cut(files: Iterable[tuple[int, Source]]) -> Iterator[Part]:
    """Yield files in parts of at most PART_FILES, explanations in larger ones, and at most PART_BYTES.

    One file alone may have more bytes.
    """
    part: Part = {}
    size = 0
    for file_id, source in files:
        most = PART_EXPLANATIONS if source.kind == "explanation" else PART_FILES
        if part and (len(part) >= most or size + source.size > PART_BYTES):
            yield part
            part, size = {}, 0
        part[file_id] = source
        size += source.size
    if part:
        yield part


def is_large(part: Part) -> bool:
    """Tell whether a part has a file of more than LARGE_BYTES."""
    return any(source.size > LARGE_BYTES for source in part.values())


class Handout:
    """Hand out each part to one of several threads, until none is left or it is closed."""

    def __init__(self, parts: Iterator[Part]) -> None:
        self.is_open = True
        self.is_exhausted = False
        self.n_files = 0
        self._parts = parts
        self._lock = Lock()

    def __iter__(self) -> Iterator[Part]:
        return self

    def __next__(self) -> Part:
        with self._lock:
            part = next(self._parts, None) if self.is_open else None
            self.is_exhausted |= self.is_open and part is None
            if part is None:
                raise StopIteration
            self.n_files += len(part)
            return part
