"""Write into docs/sql.md what its queries give on the demo's warehouse, and how its views hang together.

`python -m loader.guide.fill demo/warehouse.duckdb`, in a checkout.
"""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from explainer_warehouse.sql_files import sql_directory

from ..table_text import table_as_markdown
from .diagram import draw

if TYPE_CHECKING:
    import duckdb

# A query, and the table that follows it.
_QUERY = re.compile(r"(?P<block>```sql\n(?P<query>[^`]*)```\n)\n*(?:\|.*\n)*\n*")
_DIAGRAM = re.compile(r"(?P<begin><!-- diagram -->\n).*?(?P<end><!-- end of diagram -->\n)", re.DOTALL)


def fill(text: str, connection: "duckdb.DuckDBPyConnection") -> str:
    """Return the document with each query's rows after it, and the diagram between its marks."""

    def answer(match: re.Match[str]) -> str:
        result = connection.execute(match["query"])
        columns = [column[0] for column in result.description]
        return f"{match['block']}\n{table_as_markdown(columns, result.fetchall())}\n\n"

    text = _QUERY.sub(answer, text).rstrip() + "\n"
    return _DIAGRAM.sub(lambda match: f"{match['begin']}\n{draw(connection)}\n\n{match['end']}", text)


def main(warehouse: str) -> None:
    """Fill the document from a warehouse of the demo; print its path."""
    import duckdb

    document = sql_directory().parent / "docs" / "sql.md"
    with duckdb.connect(Path(warehouse), read_only=True) as connection:
        filled = fill(document.read_text(encoding="utf-8"), connection)
    document.write_text(filled, encoding="utf-8")
    print(document)


if __name__ == "__main__":
    main(*sys.argv[1:])
