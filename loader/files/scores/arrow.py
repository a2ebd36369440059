"""Show DuckDB the examples that `recognise` cut, as an Arrow array on the same memory."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import nanoarrow as na
import numpy as np
import numpy.typing as npt

from .recognise import Examples, UnrecognisedError, Whole, recognise

Files = list[tuple[int, bytes]]

# What the processor's cache holds, with all that is made of it.
PIECE_BYTES = 512 << 10

_LENGTHS = na.list_(na.int32())
_FILES = na.struct(
    {
        "file_id": na.int64(),
        "texts": na.list_(na.string()),
        "token_lengths": na.list_(_LENGTHS),
        "rest": na.string(),
    }
)


class Rows:
    """Hold rows for DuckDB, which keeps what it was shown until its transaction ends: `let_go` empties it."""

    def __init__(self, arrays: Sequence[Any]) -> None:
        # An array of several chunks is what DuckDB 1.5 takes, too.
        self._array: na.Array | None = na.Array.from_chunks(arrays)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Return an Arrow stream of the rows, in a PyCapsule."""
        assert self._array is not None
        return self._array.__arrow_c_stream__(requested_schema)

    def let_go(self) -> None:
        """Free the memory of the rows."""
        self._array = None


def as_arrow(files: Mapping[int, bytes]) -> tuple[Rows | None, dict[int, int]]:
    """Recognise score files, id -> bytes, as delphi writes them today.

    Returns a row (file_id, texts, token_lengths, rest) for each that is recognised, or None where none is,
    and how many examples they hold, by id.
    """
    arrays = []
    n_examples: dict[int, int] = {}
    for piece in _pieces(files):
        for file_ids, examples in _recognised(piece):
            arrays.append(_rows(file_ids, examples))
            n_examples |= zip(file_ids, examples.n_examples.tolist(), strict=True)
    return Rows(arrays) if arrays else None, n_examples


def _pieces(files: Mapping[int, bytes]) -> Iterator[Files]:
    piece: Files = []
    for file in files.items():
        piece.append(file)
        if sum(len(data) for _, data in piece) >= PIECE_BYTES:
            yield piece
            piece = []
    if piece:
        yield piece


def _recognised(files: Files) -> Iterator[tuple[list[int], Examples]]:
    """Yield examples of the files that are recognised; halve what is not, to find those."""
    try:
        yield [file_id for file_id, _ in files], recognise([data for _, data in files])
    except UnrecognisedError:
        middle = len(files) // 2
        for half in (files[:middle], files[middle:]) if middle else ():
            yield from _recognised(half)


def _rows(file_ids: Sequence[int], examples: Examples) -> Any:
    n_files, n_examples = len(file_ids), len(examples.n_tokens)
    of_files, of_examples = _offsets(np.cumsum(examples.n_examples)), _offsets(np.cumsum(examples.n_tokens))
    texts = _array(na.string(), n_examples, _offsets(examples.text_ends), examples.text)
    tokens = _array(na.int32(), len(examples.token_lengths), examples.token_lengths.astype(np.int32))
    lengths = _array(_LENGTHS, n_examples, of_examples, children=[tokens])
    columns = [
        _array(na.int64(), n_files, np.array(file_ids, np.int64)),
        _array(na.list_(na.string()), n_files, of_files, children=[texts]),
        _array(na.list_(_LENGTHS), n_files, of_files, children=[lengths]),
        _array(na.string(), n_files, _offsets(examples.rest_ends), examples.rest),
    ]
    return _array(_FILES, n_files, children=columns)


def _array(kind: Any, length: int, *buffers: Any, children: Sequence[Any] = ()) -> Any:
    # The first buffer would tell nulls.
    return na.c_array_from_buffers(kind, length, [None, *buffers], children=children)


def _offsets(ends: Whole) -> npt.NDArray[np.int32]:
    return np.append(0, ends).astype(np.int32)
