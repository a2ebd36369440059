"""Make flat, typed rows of what users bring: nested values by name, secrets out, one type a column."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from ..files.redact import redact

Row = Mapping[str, Any]


class Typed(NamedTuple):
    """Hold columns with the type that each has in DuckDB, and rows with a value for each."""

    types: Mapping[str, str]
    rows: list[tuple[Any, ...]]


def typed(rows: Iterable[Row]) -> Typed:
    """Give every column one type that holds all of its values; a row that lacks one has null."""
    flat = [dict(_flat(redact(dict(row)))) for row in rows]
    columns = {
        shown: [row.get(name) for row in flat]
        for name, shown in _distinct(dict.fromkeys(name for row in flat for name in row))
    }
    types = {name: _type(values) for name, values in columns.items()}
    shown = [
        [_as_text(value) if types[name] == "varchar" else value for value in values]
        for name, values in columns.items()
    ]
    return Typed(types, list(zip(*shown, strict=True)))


def numbers_of_texts(rows: Sequence[Row], names: Iterable[str]) -> list[dict[str, Any]]:
    """Read columns of text as numbers or booleans, where that fits every value."""
    read = {name: _read_texts([row.get(name) for row in rows]) for name in names}
    return [
        {**row, **{name: values[place] for name, values in read.items() if name in row}}
        for place, row in enumerate(rows)
    ]


def _flat(row: Row, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{above}{name}_")
        else:
            yield f"{above}{name}", value


def _distinct(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield names with what to call them in DuckDB, which takes `Loss` and `loss` for one."""
    seen: set[str] = set()
    for name in names:
        shown, number = name, 1
        while shown.lower() in seen:
            number += 1
            shown = f"{name}_{number}"
        seen.add(shown.lower())
        yield name, shown


def _type(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if not kinds or kinds == {bool}:
        return "boolean" if kinds else "varchar"
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in values if value is not None):
        return "bigint"
    if kinds <= {int, float, Decimal}:
        return "double"
    if kinds == {datetime}:
        return "timestamp"
    return "date" if kinds == {date} else "varchar"


def _as_text(value: Any) -> str | None:
    match value:
        case None | str():
            return value
        case datetime() | date() | time() | timedelta() | Decimal():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def _read_texts(texts: Sequence[str | None]) -> Sequence[Any]:
    for read in (int, _finite, _boolean):
        try:
            return [None if text is None else read(text) for text in texts]
        except ValueError:
            continue
    return texts


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _boolean(text: str) -> bool:
    words = {"true": True, "false": False}
    if text.lower() not in words:
        raise ValueError(text)
    return words[text.lower()]
