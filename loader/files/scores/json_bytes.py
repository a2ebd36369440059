"""Look at JSON as an array of bytes: escapes in its strings, and the white space between its values."""

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_QUOTE, _BACKSLASH = b'"\\'
_IS_SPACE, _IS_STRUCTURE = np.zeros(256, np.bool_), np.zeros(256, np.bool_)
_IS_SPACE[list(b" \t\n\r")] = True
_IS_STRUCTURE[list(b"[]{},:")] = True


def escape_begins(data: Bytes) -> npt.NDArray[np.int64]:
    """Return the places of the backslashes that begin an escape."""
    backslashes = np.flatnonzero(data == _BACKSLASH)
    place = np.arange(len(backslashes))
    # In a row of backslashes every second one is itself escaped.
    row = np.maximum.accumulate(np.where(np.diff(backslashes, prepend=-2) == 1, 0, place))
    begins: npt.NDArray[np.int64] = backslashes[(place - row) % 2 == 0]
    return begins


def compacted(text: bytes) -> bytes:
    """Return JSON without white space outside of strings; as it is where some stands within a value."""
    data = np.frombuffer(text, np.uint8)
    is_quote = data == _QUOTE
    escaped = escape_begins(data) + 1
    is_quote[escaped[escaped < len(data)]] = False
    is_inside = np.cumsum(is_quote) % 2 == 1
    kept = np.flatnonzero(is_inside | ~_IS_SPACE[data])
    left, right = data[kept[:-1]], data[kept[1:]]
    parts_a_value = (np.diff(kept) > 1) & ~_IS_STRUCTURE[left] & ~_IS_STRUCTURE[right]
    return text if parts_a_value.any() else data[kept].tobytes()
