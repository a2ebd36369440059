"""Print exhibits and lists of names as plain tables."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..assemble.catalogue import Listing
from ..assemble.filled import Shown
from ..exhibit import Column, cell, interval_cell
from ..labels import in_terminal

GAP = "  "


def table_text(shown: Shown, width: int | None = None) -> str:
    """Write an exhibit's table with aligned columns, its title above and its caption below.

    width: of the terminal; where the table is wider, it is without intervals, then without its last columns,
        and a line says so
    """
    lines = [in_terminal(shown.title)]
    if shown.columns:
        lines += _fitted(shown.columns, shown.frame.to_dict("records"), width)
    lines.append(in_terminal(shown.caption))
    return "\n".join(lines) + "\n"


def listing_text(listing: Listing) -> str:
    """Write a list of names with aligned columns under its title."""
    return "\n".join([listing.title, *_aligned(listing.columns, listing.rows)]) + "\n"


def _fitted(columns: Sequence[Column], records: Sequence[Mapping[str, Any]], width: int | None) -> list[str]:
    """Align what fits of a table, at least its first two columns; the last line names what does not."""
    lines = _aligned(columns, records)
    plain = [replace(column, low=None, high=None) for column in columns]
    for n_columns in range(len(columns), 1, -1):
        if width is None or max(map(len, lines)) <= width:
            return lines
        lines = _aligned(plain[:n_columns], records)
        left_out = [column.heading for column in columns[n_columns:]]
        without = ", ".join((["intervals"] if plain != list(columns) else []) + left_out)
        if max(map(len, lines)) <= width or n_columns == 2:
            return [*lines, f"Too narrow for: {without}. `--json` has all."]
    return lines


def _aligned(columns: Sequence[Column], records: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [
        [
            in_terminal(
                " ".join(part for part in (cell(column, row), _bracketed(interval_cell(column, row))) if part)
            )
            for column in columns
        ]
        for row in records
    ]
    headings = [column.heading for column in columns]
    widths = [max(map(len, cells)) for cells in zip(headings, *rows, strict=True)]
    return [
        GAP.join(
            text.rjust(width) if column.numeric else text.ljust(width)
            for text, width, column in zip(line, widths, columns, strict=True)
        ).rstrip()
        for line in [headings, ["-" * width for width in widths], *rows]
    ]


def _bracketed(interval: str) -> str:
    return f"({interval})" if interval else ""
