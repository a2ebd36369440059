"""Read JSON strictly: refuse what Python's json lets pass (repeated keys, NaN, half a surrogate pair)."""

import json
from typing import Any

from .secrets import shorten

# delphi nests six levels, simulation scores a few more. Functions that call themselves for each level can go
# this deep.
MAX_DEPTH = 100
_TOO_DEEP = "found lists or objects nested too deep, wanted delphi's few levels"


class JsonTextError(ValueError):
    """Say what was found in place of JSON and what was wanted; the caller adds the file's name."""


class NotFinite(str):
    """Stand for a number that JSON does not have: NaN, Infinity, -Infinity or one too large for a float."""


def load_json(data: bytes) -> Any:
    """Return what JSON bytes hold; numbers that are not finite come as NotFinite.

    Raises JsonTextError, with the line and column if they are known.
    """
    if not data.strip():
        raise JsonTextError("found an empty file, wanted JSON; run delphi again for this one")
    try:
        # Editors may put a byte order mark first.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise JsonTextError(
            f"found the byte 0x{data[error.start]:02x} at offset {error.start}, wanted UTF-8; "
            "write it again with encoding='utf-8'"
        ) from error
    try:
        loaded = json.loads(
            text, object_pairs_hook=_object, parse_constant=NotFinite, parse_float=_float, parse_int=_int
        )
    except json.JSONDecodeError as error:
        opener = text.lstrip()[0]
        closer = {"[": "]", "{": "}", '"': '"'}.get(opener)
        cut = closer and (not text.rstrip().endswith(closer) or error.msg.startswith("Unterminated"))
        found = "a file cut short" if cut else "no JSON"
        raise JsonTextError(
            f"found {found} ({error.msg}, line {error.lineno}, column {error.colno}), wanted JSON; "
            "copy the file again or run delphi again for this one"
        ) from error
    except RecursionError as error:
        raise JsonTextError(_TOO_DEEP) from error
    _refuse_deep(loaded)
    if "\\u" in text:
        _refuse_lone_surrogates(loaded)
    return loaded


def name_type(value: Any) -> str:
    """Return JSON's name of a value's type, and a short value itself."""
    match value:
        case NotFinite():
            return str(value)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"the string {value!r}" if len(value) <= 20 else "a string"
        case int() | float():
            return f"the number {value}" if len(str(value)) <= 20 else "a long number"
        case list():
            return "a list"
        case _:
            return "an object"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for i, (key, _) in enumerate(pairs) if key in dict(pairs[:i]))
        raise JsonTextError(f"found the key {shorten(twice, 80)!r} twice in one object, wanted it once")
    return found


def _float(text: str) -> float | NotFinite:
    number = float(text)
    return NotFinite(text[:20]) if number in (float("inf"), float("-inf")) else number


def _int(text: str) -> int | NotFinite:
    # 309 digits are more than a float holds; Python itself refuses thousands of them.
    return NotFinite(f"{text[:20]}...") if len(text) > 309 else int(text)


def _refuse_deep(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        inner = [item for item in level if isinstance(item, list | dict)]
        level = [item for held in inner for item in (held.values() if isinstance(held, dict) else held)]
        if not level:
            return
    raise JsonTextError(_TOO_DEEP)


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise JsonTextError(
            "found half of a surrogate pair (\\ud800 to \\udfff alone), wanted whole characters"
        ) from error
