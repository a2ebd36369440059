"""Damage files as a disk, a program or a foe may; and say, apart from the loader, what they still hold."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

# Values of other types and sizes than what stands in a file, as JSON text: Python cannot write some of them.
ODD = [
    "null", "true", "false", "0", "-1", "1.5", '"1.5"', '"true"', '""', "[]", "{}", "[[]]", '{"a":1}',
    "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "9" * 400, "0." + "1" * 400, "1e-400", "-0.0",
    '"\\ud800"', '"\\u0000"', '"' + "x" * 5000 + '"', "[" * 600 + "]" * 600, "18446744073709551616",
    '{"a":' * 600 + "1" + "}" * 600, "[" * 60 + "]" * 60,
]  # fmt: skip
MARK = "\x02odd\x03"
# What the loader says it takes: delphi nests six levels.
MAX_DEPTH = 100


def mutate(data: bytes, rng: Random) -> bytes:
    """Return a file's bytes with one to three damages."""
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        data = rng.choice(_DAMAGES)(data, rng)
    return data


def _flip(data: bytes, rng: Random) -> bytes:
    if not data:
        return data
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]


def _cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _repeat(data: bytes, rng: Random) -> bytes:
    start, end = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return data[:end] + data[start:]


def _insert(data: bytes, rng: Random) -> bytes:
    place = rng.randrange(len(data) + 1)
    more = rng.choice(
        [b",", b'"', b"[", b"}", b" ", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\\", b"\\ud83d", b"/**/"]
    )
    return data[:place] + more + data[place:]


def _replace_all(data: bytes, rng: Random) -> bytes:
    return rng.choice(
        [b"", b" ", b"\n" * 3000, b"null", b"[]", b"{}", b'""', b"[" * 100_000, b"\0" * 4096, b"[null]"]
    )


def _swap_value(data: bytes, rng: Random) -> bytes:
    """Put a value of another type in the place of one; where a file is no JSON, flip a bit."""
    return _edit(data, rng, lambda parent, key: parent.__setitem__(key, MARK))


def _drop_value(data: bytes, rng: Random) -> bytes:
    return _edit(data, rng, lambda parent, key: parent.__delitem__(key))


def _add_key(data: bytes, rng: Random) -> bytes:
    def add(parent: Any, key: Any) -> None:
        if isinstance(parent, dict):
            parent[f"more {key}"] = MARK
        else:
            parent.insert(key, MARK)

    return _edit(data, rng, add)


def _repeat_key(data: bytes, rng: Random) -> bytes:
    """Write a key twice in one object."""
    places = [i for i in range(len(data)) if data[i : i + 2] == b'":']
    if not places:
        return _flip(data, rng)
    end = rng.choice(places)
    start = data.rindex(b'"', 0, end) if b'"' in data[:end] else end
    return data[:start] + data[start : end + 1] + b":" + rng.choice(ODD).encode() + b"," + data[start:]


def _edit(data: bytes, rng: Random, change: Callable[[Any, Any], None]) -> bytes:
    try:
        loaded = json.loads(data)
    except (ValueError, RecursionError):
        return _flip(data, rng)
    places = list(_places(loaded))
    if not places:
        return rng.choice(ODD).encode()
    change(*rng.choice(places))
    dense = json.dumps(loaded, ensure_ascii=False, separators=(",", ":"))
    text = dense.replace(json.dumps(MARK), rng.choice(ODD))
    return text.encode("utf-8", "surrogatepass")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


_DAMAGES = [
    _flip, _cut, _repeat, _insert, _replace_all, _swap_value, _swap_value, _drop_value, _add_key, _repeat_key,
]  # fmt: skip


def mutate_zip(data: bytes, rng: Random) -> bytes:
    """Return a zip's bytes damaged, or with one record damaged and its checksum right all the same."""
    if rng.random() < 0.4:
        return mutate(data, rng)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        records = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(sorted(records))
    records[name] = mutate(records[name], rng)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in records.items():
            archive.writestr(name, content)
    return written.getvalue()


class RefusedError(ValueError):
    """Say why a file should not load."""


def read_strictly(data: bytes) -> Any:
    """Return what JSON bytes hold, by the letter of RFC 8259: no key twice, whole characters, UTF-8.

    A number that is not finite comes as an object of its own, which is of no type that anything may have.
    """
    try:
        loaded = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=lambda name: object(),
            parse_float=lambda text: _finite(text, float),
            parse_int=lambda text: _finite(text, int),
        )
        json.dumps(loaded, ensure_ascii=False, default=str).encode()
        if _depth(loaded) > MAX_DEPTH:
            raise RefusedError("too deep")
    except (ValueError, RecursionError) as error:
        raise RefusedError(repr(error)) from error
    return loaded


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise RefusedError("a key twice")
    return dict(pairs)


def _finite(text: str, kind: Callable[[str], Any]) -> Any:
    return object() if abs(float(text)) == float("inf") else kind(text)


def score_rows(data: bytes) -> list[tuple[Any, ...]]:
    """Return the examples of a score file as the loader should store them, or raise RefusedError."""
    loaded = read_strictly(data)
    if not isinstance(loaded, list) or not loaded:
        raise RefusedError("no list of examples")
    return [_example_row(example) for example in loaded]


def _example_row(example: Any) -> tuple[Any, ...]:
    if not isinstance(example, dict):
        raise RefusedError("no object")
    tokens: Any = example.get("str_tokens")
    activations: Any = example.get("activations")
    old = [
        key for key in ("prediction", "probability") if _is_number(example.get(key)) and example[key] == -1
    ]
    labels = {
        key: None if key in old else example.get(key, "missing") for key in ("prediction", "probability")
    }
    # Old files say false where there is no prediction to be wrong.
    correct = None if "prediction" in old else example.get("correct")
    checks = [
        isinstance(tokens, list) and all(isinstance(token, str) for token in tokens),
        isinstance(activations, list) and all(map(_is_number, activations)),
        isinstance(tokens, list) and isinstance(activations, list) and len(tokens) == len(activations),
        _is_number(example.get("distance")),
        isinstance(example.get("activating"), bool),
        example.get("correct", "missing") is None or isinstance(example.get("correct"), bool),
        labels["prediction"] is None or isinstance(labels["prediction"], bool),
        labels["probability"] is None
        or (_is_number(labels["probability"]) and 0 <= labels["probability"] <= 1),
    ]
    if not all(checks):
        raise RefusedError(f"checks {[i for i, check in enumerate(checks) if not check]}")
    return (
        example["activating"],
        labels["prediction"],
        None if labels["probability"] is None else float(labels["probability"]),
        correct,
        float(example["distance"]),
        tuple(tokens),
        tuple(map(float, activations)),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
