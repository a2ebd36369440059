"""Hold rows of a warehouse as a table that pandas, polars, Arrow and notebooks take."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

# What a notebook shows of a long table.
MOST_ROWS = 20
_DASH = "–"  # noqa: RUF001


class Table:
    """The rows of a query: `.df()` for pandas, `.pl()` for polars, `.arrow()` for Arrow, `.rows()` as tuples.

    They are read each time that they are asked for. Anything that takes an Arrow stream takes a table.
    """

    def __init__(self, relation: "duckdb.DuckDBPyRelation", query: str, caption: str = "") -> None:
        """Hold a relation and the query that it came from; `caption` says what it is."""
        self._relation = relation
        self.query = query
        self.caption = caption

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return self._relation.columns

    def df(self) -> "pd.DataFrame":
        """Return a pandas DataFrame."""
        return self._relation.df()

    def pl(self) -> "pl.DataFrame":
        """Return a polars DataFrame; needs polars."""
        import polars as pl

        return pl.DataFrame(self)

    def arrow(self) -> "pa.Table":
        """Return an Arrow table; needs pyarrow."""
        import pyarrow as pa

        return pa.table(self)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the rows as tuples."""
        return self._relation.fetchall()

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Give the rows to whatever takes an Arrow stream."""
        return self._relation.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._relation)

    def __repr__(self) -> str:
        """Show the table as text, cut to what a screen holds."""
        return str(self._relation)

    def _repr_html_(self) -> str:
        shown = self._relation.limit(MOST_ROWS).fetchall()
        types = [str(kind) for kind in self._relation.types]
        cells = [[_shown(value) for value in row] for row in shown]
        return html_table(self.columns, [_is_number(kind) for kind in types], cells, len(self), self.caption)


def html_table(
    headings: Sequence[str],
    numeric: Sequence[bool],
    cells: Sequence[Sequence[str]],
    n_rows: int,
    caption: str,
) -> str:
    """Write a table as a notebook shows it, every text escaped; says so if it is cut."""
    if n_rows > len(cells):
        caption = f"{len(cells)} of {n_rows:,} rows. {caption}".strip()
    sides = ["right" if number else "left" for number in numeric]
    head = "".join(map(_cell, ["th"] * len(headings), headings, sides))
    body = "".join(f"<tr>{''.join(map(_cell, ['td'] * len(row), row, sides))}</tr>" for row in cells)
    foot = f"<p>{escape(caption)}</p>" if caption else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"


def _cell(tag: str, text: str, side: str) -> str:
    return f'<{tag} style="text-align: {side}">{escape(text)}</{tag}>'


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return _DASH if value is None else str(value)


def _is_number(kind: str) -> bool:
    return kind.startswith(("DECIMAL", "DOUBLE", "FLOAT", "HUGEINT")) or kind.endswith("INT")
