"""Print exhibits and lists of names as plain tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..assemble.catalogue import Listing
from ..assemble.report import Shown
from ..exhibit import Column, cell, interval_cell
from ..labels import in_terminal

GAP = "  "


def table_text(shown: Shown) -> str:
    """Write an exhibit's table with aligned columns, its title above and its caption below."""
    lines = [in_terminal(shown.title)]
    if not shown.frame.empty:
        lines += _aligned(shown.exhibit.columns, shown.frame.to_dict("records"))
    lines.append(in_terminal(shown.caption))
    return "\n".join(lines) + "\n"


def listing_text(listing: Listing) -> str:
    """Write a list of names with aligned columns under its title."""
    return "\n".join([listing.title, *_aligned(listing.columns, listing.rows)]) + "\n"


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
