"""Lay out a table as text for a terminal, CSV, Markdown or JSON."""

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from explainer_warehouse.csv_table import csv_table
from explainer_warehouse.terminal import printable

_DASH = "-"
# What Markdown takes for markup within a cell.
_MARKUP = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|~$"})

Rows = Sequence[Sequence[Any]]
Number = int | float | Decimal


def three_decimals(number: Number) -> str:
    """Write a number for people: thousands apart, three decimals."""
    return f"{number:.3f}" if isinstance(number, float | Decimal) else f"{number:,}"


def six_digits(number: Number) -> str:
    """Write a number with six digits that count, and a whole number as it is."""
    return f"{number:.6g}" if isinstance(number, float | Decimal) else str(number)


def table_as_text(
    columns: Sequence[str], rows: Rows, number: Callable[[Number], str] = three_decimals
) -> str:
    """Return an aligned table, numbers to the right, null as a dash."""
    cells = [[_show(value, number) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    numbers = [all(isinstance(row[i], Number | None) for row in rows) for i in range(len(columns))]
    lines = [list(columns), [_DASH * width for width in widths], *cells]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, numbers, strict=True)
        ).rstrip()
        for line in lines
    )


def table_as_csv(columns: Sequence[str], rows: Rows) -> str:
    """Return CSV with a header; null is empty, lists and structs are JSON."""
    return csv_table(columns, (map(_flat, row) for row in rows)).removesuffix("\n")


def table_as_markdown(columns: Sequence[str], rows: Rows) -> str:
    """Return a table as GitHub shows it, null as a dash."""
    cells = [[_show(value, six_digits).translate(_MARKUP) for value in row] for row in rows]
    numbers = [all(isinstance(row[i], Number | None) for row in rows) for i in range(len(columns))]
    lines = [
        [column.translate(_MARKUP) for column in columns],
        ["---:" if number else "---" for number in numbers],
        *cells,
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def table_as_json(columns: Sequence[str], rows: Rows) -> str:
    """Return a JSON list of an object per row; what JSON has no word for is text, infinity and NaN null."""
    text = json.dumps(
        [dict(zip(columns, map(_finite, row), strict=True)) for row in rows],
        ensure_ascii=False,
        indent=2,
        allow_nan=False,
        default=str,
    )
    # Terminals obey these too; the others JSON escapes itself.
    return re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text)


def repeated(names: Iterable[str]) -> list[str]:
    """Return the names that come more than once."""
    seen: list[str] = list(names)
    return sorted({name for name in seen if seen.count(name) > 1})


def _flat(value: Any) -> Any:
    is_json = isinstance(value, list | tuple | dict)
    return json.dumps(_finite(value), ensure_ascii=False, default=str) if is_json else value


def _finite(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return float(value)
        case list() | tuple():
            return [_finite(item) for item in value]
        case dict():
            return {str(key): _finite(item) for key, item in value.items()}
        case _:
            return value


def _show(value: Any, number: Callable[[Number], str]) -> str:
    match value:
        case None:
            return _DASH
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return number(value)
        case _:
            return printable(str(value))
