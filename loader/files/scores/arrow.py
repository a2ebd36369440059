"""Make an Arrow array of the examples that `recognise` has cut, in the same memory: DuckDB reads it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import nanoarrow as na
import numpy as np
import numpy.typing as npt

from .recognise import Examples, UnrecognisedError, Whole, recognise

Files = list[tuple[int, bytes]]

# So much fits into the processor's cache, with all that is made of it.
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


def read(files: Mapping[int, bytes]) -> tuple[na.Array | None, dict[int, int]]:
    """Read those of score files, id -> bytes, that are as delphi writes them today.

    Returns a row (file_id, texts, token_lengths, rest) for each of these, or None if there is none, and how
    many examples they hold, by id.
    """
    arrays = []
    n_examples: dict[int, int] = {}
    for piece in _pieces(files):
        for file_ids, examples in _recognised(piece):
            arrays.append(_rows(file_ids, examples))
            n_examples |= zip(file_ids, examples.n_examples.tolist(), strict=True)
    # An array of several chunks is what DuckDB 1.5 takes, too.
    return na.Array.from_chunks(arrays) if arrays else None, n_examples


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
    """Yield the examples of the files that are recognised; to find those, halve the files until they are."""
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
    # The first buffer would say which values are null.
    return na.c_array_from_buffers(kind, length, [None, *buffers], children=children)


def _offsets(ends: Whole) -> npt.NDArray[np.int32]:
    return np.append(0, ends).astype(np.int32)
