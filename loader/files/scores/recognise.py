"""Recognise score files as delphi writes them today, many at once, and cut them for DuckDB.

delphi writes compact JSON: seven keys an example, in one order; white space, which others may have put in, is
taken out. No byte is taken on trust: fixed text, separators and literals are compared where they must stand,
tokens are read, and all else may only be what numbers are made of, whose syntax DuckDB checks when it parses
what is left. A file that looks any other way, damaged or only older, is for `classifier.read_examples`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .json_bytes import Bytes, compacted, escape_begins

# Places in them, and numbers of things.
Whole = npt.NDArray[np.signedinteger[Any]]

# An example's keys, with what stands before and after each.
_FIXED = (
    (b"{", b'"str_tokens"', b':["'),
    (b'"],', b'"activations"', b":["),
    (b"],", b'"distance"', b":"),
    (b",", b'"activating"', b":"),
    (b",", b'"prediction"', b":"),
    (b",", b'"probability"', b":"),
    (b",", b'"correct"', b":"),
)
_FIRST, _LAST = b"[" + b"".join(_FIXED[0]), b"}]"
_TOKENS, _ACTIVATIONS, _DISTANCE, _ACTIVATING, _PREDICTION, _PROBABILITY, _CORRECT = range(len(_FIXED))
# The first four bytes of each literal, as one number.
_TRUE, _FALSE, _NULL = (int.from_bytes(word, "little") for word in (b"true", b"fals", b"null"))
_QUOTE, _COMMA, _COLON, _SLASH, _OPEN, _CLOSE, _BEGIN, _END = b'",:/[]{}'
# What a character after a backslash means; 0 for what the exact way must read, or refuse.
_MEANING = np.zeros(256, np.uint8)
_MEANING[list(b'"\\/bfnrt')] = list(b'"\\/\b\f\n\r\t')
_HEX = np.full(256, 16, np.uint8)
_HEX[list(b"0123456789abcdef")] = range(16)
_HEX[list(b"ABCDEF")] = range(10, 16)
# Keeps every look ahead inside.
_PADDING = bytes(16)


class UnrecognisedError(ValueError):
    """Say that one file or more is not as delphi writes them today."""


class Examples(NamedTuple):
    """Hold what score files were cut into.

    n_examples: of each file
    n_tokens: of each example
    token_lengths: of each token, in code points
    text: the tokens of all examples, joined, UTF-8
    text_ends: where each example's text ends
    rest: JSON, for each file a list of its examples without their tokens
    rest_ends: where each file's list ends
    """

    n_examples: Whole
    n_tokens: Whole
    token_lengths: Whole
    text: Bytes
    text_ends: Whole
    rest: bytes
    rest_ends: Whole


def recognise(files: Sequence[bytes]) -> Examples:
    """Cut score files; raises UnrecognisedError.

    What remains is to parse the numbers, and to see that each token has its activation.
    """
    files = [file if file.startswith(_FIRST) and file.endswith(_LAST) else compacted(file) for file in files]
    _check(all(map(_is_utf8, files)))
    data = np.frombuffer(bytearray().join([*files, _PADDING]), np.uint8)
    content = data[: -len(_PADDING)]
    _check(content >= ord(" "))
    escaped, dropped = _escapes(data)
    opens, closes = _strings(data, escaped)
    colons = np.flatnonzero(data[closes + 1] == _COLON)
    _check(len(colons) and len(colons) % len(_FIXED) == 0)
    keys = colons.reshape(-1, len(_FIXED))
    n_tokens = np.diff(keys[:, : _ACTIVATIONS + 1]).ravel() - 1
    _check(n_tokens)
    is_token = np.ones(len(opens), np.bool_)
    is_token[keys] = False
    _check(is_token.sum() == n_tokens.sum())
    starts, stops = opens[is_token] + 1, closes[is_token]
    lasts = np.cumsum(n_tokens) - 1
    _check_separators(data, starts, stops, lasts)
    begins = opens[keys]
    _check_fixed_text(data, begins)
    ends, n_in_literals = _check_literals(data, closes[keys] + 2)
    file_ends = np.cumsum([len(file) for file in files])
    firsts = _check_borders(data, begins[:, _TOKENS] - 1, ends, file_ends)

    lengths = stops - starts
    text = data[_places(starts, lengths)]
    n_quotes = 2 * (len(starts) - len(keys))
    n_foreign = _n_foreign(text) + _N_FIXED * len(keys) + n_in_literals + n_quotes + 2 * len(files)
    _check(_n_foreign(content) == n_foreign)
    text, lengths = _without(text, lengths, starts, dropped)
    rest, rest_ends = _rest(data, begins[:, _ACTIVATIONS] - 2, ends + 2, firsts)
    return Examples(
        np.diff(firsts, append=len(keys)),
        n_tokens,
        _n_code_points(text, lengths),
        text,
        np.cumsum(lengths)[lasts],
        rest,
        rest_ends,
    )


def _check(holds: Any) -> None:
    if not np.all(holds):
        raise UnrecognisedError


def _is_utf8(file: bytes) -> bool:
    try:
        return file.isascii() or bool(file.decode())
    except UnicodeDecodeError:
        return False


def _escapes(data: Bytes) -> tuple[Whole, Whole]:
    """Put what escapes mean in their second place; return these places, and the ones that are left over."""
    begins = escape_begins(data)
    kept = begins + 1
    letters = data[kept]
    meanings = _MEANING[letters]
    # Control characters are written so: \u001f.
    digits = begins[letters == ord("u")][:, np.newaxis] + np.arange(2, 6)
    values = _HEX[data[digits]]
    _check((values[:, :2] == 0) & (values[:, 2:3] < 8) & (values[:, 3:] < 16))
    meanings[letters == ord("u")] = 16 * values[:, 2] + values[:, 3]
    _check(meanings)
    data[kept] = meanings
    return kept, np.concatenate([begins, digits.ravel()])


def _strings(data: Bytes, escaped: Whole) -> tuple[Whole, Whole]:
    """Return where strings open and close, by quotes that are not escaped."""
    is_quote = data == _QUOTE
    is_quote[escaped] = False
    # No file is too large for half of what a place takes otherwise.
    quotes = np.flatnonzero(is_quote).astype(np.int32)
    _check(len(quotes) % 2 == 0)
    return quotes[0::2], quotes[1::2]


def _stands(data: Bytes, text: bytes, places: Whole) -> bool:
    found = np.lib.stride_tricks.sliding_window_view(data, len(text))[places]
    return found.tobytes() == text * len(places)


def _check_fixed_text(data: Bytes, begins: Whole) -> None:
    """Check the keys, whose first quotes are at `begins`, and what is about them."""
    for key, (before, name, after) in enumerate(_FIXED):
        _check(_stands(data, before + name + after, begins[:, key] - len(before)))
    # DuckDB would overlook a comma after the last activation.
    _check(data[begins[:, _DISTANCE] - 3] != _COMMA)


def _check_separators(data: Bytes, starts: Whole, stops: Whole, lasts: Whole) -> None:
    """Check that within an example nothing but a comma stands between the quotes of two tokens."""
    is_next = (starts[1:] - stops[:-1] == 3) & (data[stops[:-1] + 1] == _COMMA)
    is_next[lasts[:-1]] = True
    _check(is_next)


def _check_literals(data: Bytes, values: Whole) -> tuple[Whole, int]:
    """Check true, false and null; return where examples end, and how many foreign bytes the literals have.

    values: where the values of the keys begin
    """
    n_foreign = _N_NULL * int(np.count_nonzero(_word(data, values[:, _PROBABILITY]) == _NULL))
    for key in (_ACTIVATING, _PREDICTION, _CORRECT):
        word = _word(data, values[:, key])
        is_false = word == _FALSE
        ends = values[:, key] + len("true") + is_false
        _check(
            (word == _TRUE) | is_false & (data[ends - 1] == ord("e")) | (word == _NULL) & (key != _ACTIVATING)
        )
        n_foreign += _N_TRUE * len(word) + int(np.count_nonzero(word != _TRUE))
    return ends, n_foreign


def _word(data: Bytes, places: Whole) -> npt.NDArray[np.uint32]:
    return np.lib.stride_tricks.sliding_window_view(data, 4)[places].view("<u4")[:, 0]


def _check_borders(data: Bytes, begins: Whole, ends: Whole, file_ends: Whole) -> Whole:
    """Check the braces at `begins` and `ends`, and what is between; return each file's first example."""
    file_starts = np.append(0, file_ends[:-1])
    firsts = np.searchsorted(begins, file_starts)
    _check(firsts < len(begins))
    last = np.append(firsts[1:], len(begins)) - 1
    followers = np.append(begins[1:], 0)
    followers[last] = file_ends
    separators = np.full(len(begins), _COMMA)
    separators[last] = _CLOSE
    _check((data[file_starts] == _OPEN) & (begins[firsts] == file_starts + 1))
    _check((data[ends] == _END) & (data[ends + 1] == separators) & (ends + 2 == followers))
    return firsts


def _places(starts: Whole, lengths: Whole) -> npt.NDArray[np.int32]:
    """Return the places of all bytes of pieces, which begin at `starts`."""
    ends = np.cumsum(lengths)
    places = np.repeat((starts - ends + lengths).astype(np.int32), lengths)
    places += np.arange(len(places), dtype=np.int32)
    return places


def _n_foreign(data: Bytes) -> int:
    """Count the bytes that are neither in numbers nor between them."""
    is_near = (data - np.uint8(ord("+"))) <= ord("9") - ord("+")
    n_native = np.count_nonzero(is_near) - np.count_nonzero(data == _SLASH)
    return int(len(data) - n_native - sum(np.count_nonzero(data == letter) for letter in b"eE"))


def _without(text: Bytes, lengths: Whole, starts: Whole, dropped: Whole) -> tuple[Bytes, Whole]:
    """Return the tokens' text and lengths without what is at the places `dropped` of the files."""
    token = np.searchsorted(starts, dropped, "right") - 1
    place = np.cumsum(lengths)[token] - lengths[token] + dropped - starts[token]
    return np.delete(text, place), lengths - np.bincount(token, minlength=len(lengths))


def _n_code_points(text: Bytes, lengths: Whole) -> Whole:
    """Return how many code points each token has, given its bytes: those that continue one do not count."""
    further = np.flatnonzero((text & 0b1100_0000) == 0b1000_0000)
    token = np.searchsorted(np.cumsum(lengths), further, "right")
    return lengths - np.bincount(token, minlength=len(lengths))


def _rest(data: Bytes, begins: Whole, ends: Whole, firsts: Whole) -> tuple[bytes, Whole]:
    """Return each file's examples without tokens; `begins` are the brackets that close them."""
    begins = begins.copy()
    data[begins + 1] = _BEGIN
    data[begins[firsts]] = _OPEN
    begins += 1
    begins[firsts] -= 1
    content = data.tobytes()
    rest = b"".join([content[a:b] for a, b in zip(begins.tolist(), ends.tolist(), strict=True)])
    return rest, np.cumsum(ends - begins)[np.append(firsts[1:], len(begins)) - 1]


def _n_foreign_in(text: bytes) -> int:
    return _n_foreign(np.frombuffer(text, np.uint8))


_N_FIXED = sum(_n_foreign_in(b"".join(parts)) for parts in _FIXED) + 1
_N_TRUE, _N_NULL = _n_foreign_in(b"true"), _n_foreign_in(b"null")
