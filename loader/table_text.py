"""Lay out a table as text for a terminal, or as JSON."""

import json
from collections.abc import Sequence
from typing import Any

_DASH = "-"


def table_as_text(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return an aligned table, numbers to the right, null as a dash."""
    cells = [[_show(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    numbers = [all(isinstance(row[i], int | float | None) for row in rows) for i in range(len(columns))]
    lines = [list(columns), [_DASH * width for width in widths], *cells]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, numbers, strict=True)
        ).rstrip()
        for line in lines
    )


def table_as_json(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a JSON list of objects, one a row."""
    return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], ensure_ascii=False, indent=2)


def _show(value: Any) -> str:
    match value:
        case None:
            return _DASH
        case float():
            return f"{value:.3f}"
        case int():
            return f"{value:,}"
        case _:
            # Names are untrusted: what would move the cursor or the colours shows as an escape.
            return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value))
