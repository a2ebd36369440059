"""Print exhibits as plain tables."""

from ..labels import in_terminal
from ..sections.model import cell, interval_cell
from ..sections.report import Shown

GAP = "  "


def table_text(shown: Shown) -> str:
    """Write an exhibit's table with aligned columns, its title above and its caption below."""
    lines = [in_terminal(shown.title)]
    if not shown.frame.empty:
        lines += _aligned(shown)
    lines.append(in_terminal(shown.caption))
    return "\n".join(lines) + "\n"


def _aligned(shown: Shown) -> list[str]:
    columns = shown.exhibit.columns
    rows = [
        [
            in_terminal(
                " ".join(part for part in (cell(column, row), _bracketed(interval_cell(column, row))) if part)
            )
            for column in columns
        ]
        for row in shown.frame.to_dict("records")
    ]
    headings = [column.heading for column in columns]
    widths = [max(len(line[place]) for line in [headings, *rows]) for place in range(len(columns))]
    return [
        GAP.join(
            text.rjust(width) if column.numeric else text.ljust(width)
            for text, width, column in zip(line, widths, columns, strict=True)
        ).rstrip()
        for line in [headings, ["-" * width for width in widths], *rows]
    ]


def _bracketed(interval: str) -> str:
    return f"({interval})" if interval else ""
